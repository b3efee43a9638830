"""Every pool of processes ends its workers with the process they work for."""

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "radiome"
POOLS = ("Parallel", "ProcessPoolExecutor")

#: Both begin with `end_with_parent`.
FIRST = {"end_with_parent", "_begin"}


def pools(path):
    """Calls that make a pool, with the names that they hand over as its first call."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in POOLS:
            first = [k.value for k in node.keywords if k.arg == "initializer"]
            yield node.lineno, [getattr(name, "id", "") for name in first]


def test_no_pool_outlives_its_parent():
    found = {
        (path.relative_to(SOURCE).as_posix(), line): first
        for path in SOURCE.rglob("*.py")
        for line, first in pools(path)
    }
    assert len(found) >= 3
    assert {place: first for place, first in found.items() if not set(first) & FIRST} == {}
