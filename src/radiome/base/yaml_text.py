"""YAML as people mean it: text to plain values, and options to commented text."""

from __future__ import annotations

import re
from typing import Any, Literal, get_args, get_origin

import yaml

from radiome.base.options import Options

_MERGE = "tag:yaml.org,2002:merge"


class _Loader(yaml.SafeLoader):
    """YAML in which only true and false are truth values, as of version 1.2.

    An outcome may be called ``y``, and a class ``no``. A key that is there twice is refused:
    which of its values was meant, nobody can tell.
    """

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Refuse keys that are there twice, before merged ones come in, which may be."""
        seen: dict[Any, yaml.Mark] = {}
        for name, _ in node.value:
            if isinstance(name, yaml.ScalarNode) and name.tag != _MERGE:
                key = _text_key(self.construct_object(name))
                if key in seen:
                    lines = f"lines {seen[key].line + 1} and {name.start_mark.line + 1}"
                    raise yaml.MarkedYAMLError(
                        problem=f"the key '{key}' is there twice in one group, in {lines}"
                    )
                seen[key] = name.start_mark
        super().flatten_mapping(node)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":bool")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def load_yaml(text: str) -> Any:
    """Read YAML into plain values.

    YAML takes the bare word null for no value at all, as a key too; here a key called
    ``null`` is text.

    Raises
    ------
    yaml.YAMLError
        If the text is not YAML, or a group has a key twice; the lines are named.

    Examples
    --------
    >>> load_yaml("null: {y: no}")
    {'null': {'y': 'no'}}
    """
    return _named(yaml.load(text, Loader=_Loader))


def _named(value: Any) -> Any:
    if isinstance(value, dict):
        return {_text_key(key): _named(part) for key, part in value.items()}
    return [_named(part) for part in value] if isinstance(value, list) else value


def _text_key(key: Any) -> Any:
    return "null" if key is None else key


def dump_options(options: Options, *, commented: bool = True) -> str:
    """Write options as YAML, every one with its meaning as a comment above it.

    Reading the text gives the same options.
    """
    lines: list[str] = []
    _write_group(options, lines, "", commented)
    return "\n".join(lines) + "\n"


def _write_group(group: Options, lines: list[str], indent: str, commented: bool) -> None:
    for name, field in type(group).model_fields.items():
        if commented and field.description:
            lines.append(f"{indent}# {field.description}{_choices(field.annotation)}")
        key = f"{indent}{_scalar(name)}:"
        _write_value(getattr(group, name), key, lines, indent, commented)


def _choices(annotation: Any) -> str:
    """The values of an option that has a few, in brackets."""
    kinds = (annotation, *get_args(annotation))
    values = [v for kind in kinds if get_origin(kind) is Literal for v in get_args(kind)]
    return f" [{' | '.join(str(value) for value in values)}]" if values else ""


def _write_value(value: Any, key: str, lines: list[str], indent: str, commented: bool) -> None:
    if isinstance(value, Options):
        lines.append(key)
        _write_group(value, lines, indent + "  ", commented)
    elif isinstance(value, tuple | list) and value and isinstance(value[0], Options):
        lines.append(key)
        for position, part in enumerate(value):
            entry: list[str] = []
            # Meanings once: the second entry of a list has the options of the first.
            _write_group(part, entry, indent + "    ", commented and position == 0)
            lines += _as_entry(entry, indent + "  ")
    else:
        lines.append(f"{key} {_flow(value)}")


def _as_entry(lines: list[str], indent: str) -> list[str]:
    """The dash of YAML in front of the first line that is not a comment."""
    key = next(i for i, line in enumerate(lines) if not line.lstrip().startswith("#"))
    return [*lines[:key], f"{indent}- {lines[key].lstrip()}", *lines[key + 1 :]]


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_flow(part) for part in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    """A value as YAML reads it back; text is quoted wherever it could be read otherwise."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    if isinstance(value, str):
        plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value)
        return value if plain and load_yaml(value) == value else _quoted(value)
    return repr(value) if isinstance(value, float) else str(value)


def _quoted(text: str) -> str:
    quoted = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf"))
    return str(quoted).rstrip("\n")
