"""The page: sections into templates, with style, scripts and data inside one file."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from radiome.report.record import Record
from radiome.report.section import Output, Section
from radiome.report.sections.checklists import checklists
from radiome.report.sections.cohort import cohort
from radiome.report.sections.deviations import deviations
from radiome.report.sections.explanations import explanations
from radiome.report.sections.features import features
from radiome.report.sections.methods import methods
from radiome.report.sections.model import model
from radiome.report.sections.software import software
from radiome.report.sections.verdict import verdict
from radiome.report.words import counted, number, percent, sensible, typeset, unbroken

#: Sections in the order of the page. Each is left out where it has nothing to say.
SECTIONS: tuple[Callable[[Record, Output], Section | None], ...] = (
    verdict,
    cohort,
    features,
    model,
    explanations,
    methods,
    checklists,
    deviations,
    software,
)

_STYLES = ("page", "parts", "tables", "figures", "card", "print")
_SCRIPTS = ("theme", "tables", "card", "copy", "paper")
#: Draws the charts that answer to the pointer; for a page that has any.
_LIBRARY = "plotly/plotly-cartesian.min.js"


def render(record: Record, output: Output) -> str:
    """Make the page.

    Parameters
    ----------
    record : Record
        What the run folder says.
    output : Output
        Gets the pictures and files that the sections make.

    Returns
    -------
    str
        HTML that needs nothing outside itself. Its policy forbids every request, and every
        script but those that it was made with.
    """
    made = [section for make in SECTIONS if (section := make(record, output)) is not None]
    data = {name: value for section in made for name, value in section.data.items() if value}
    names = [f"script/{name}.js" for name in _SCRIPTS]
    if any(data.get(name) for name in ("maps", "risks", "nulls")) or _has_points(made):
        names += [_LIBRARY, "script/charts.js"]
    scripts = [_asset(name) for name in names]
    page = _environment().get_template("page.html.j2")
    text: str = page.render(
        record=record,
        sections=made,
        style="\n".join(_asset(f"style/{name}.css") for name in _STYLES),
        scripts=scripts,
        policy=_policy(scripts),
        data=_as_json(data),
        sprite=output.gallery.sprite(),
    )
    return text


def _has_points(made: list[Section]) -> bool:
    return any(part["points"] for section in made for part in section.content.get("parts", [])
               if "points" in part)  # fmt: skip


def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("radiome.report", "assets/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "counted": counted,
        "number": number,
        "percent": percent,
        "sensible": sensible,
        "json": _as_json,
        "typeset": typeset,
        "unbroken": unbroken,
    }
    return made


def _asset(name: str) -> str:
    return files("radiome.report").joinpath(f"assets/{name}").read_text(encoding="utf-8")


def _as_json(value: Any) -> str:
    """JSON that can stand in a page: nothing in it ends an element or begins a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _policy(scripts: list[str]) -> str:
    """Content security policy: only these scripts, and no requests at all."""
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
