"""Strict option trees: every option is declared once, unknown keys are refused.

The declaration (a pydantic model) feeds defaults, validation, the commented
YAML that `radiome settings show` prints, and the reference documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from radiome.base.errors import SettingsError, nearest_name


class Options(BaseModel):
    """Base of all option groups: frozen, strict about names and types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=True)


OptionsT = TypeVar("OptionsT", bound=Options)


def parse_options(
    kind: type[OptionsT], values: Mapping[str, Any], *, where: str = "settings"
) -> OptionsT:
    """Build `kind` from plain values or raise `SettingsError` naming the first fault.

    Parameters
    ----------
    kind : type of Options
        The option group to build.
    values : mapping
        Plain values, as read from YAML.
    where : str
        The file or argument the values came from, for the message.

    Raises
    ------
    SettingsError
        For an unknown key (with the nearest known one), a missing or a bad value.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise _explain(kind, error, where) from None


def _explain(kind: type[Options], error: ValidationError, where: str) -> SettingsError:
    # A misspelt key often makes another one missing: the misspelling is what to mend.
    faults = error.errors(include_url=False)
    first = min(faults, key=lambda fault: fault["type"] != "extra_forbidden")
    path = ".".join(str(part) for part in _named_parts(kind, first["loc"]))
    if first["type"] == "extra_forbidden":
        siblings = _known_names(kind, first["loc"][:-1])
        name = str(first["loc"][-1])
        path = f"{path}.{name}" if path else name
        near = nearest_name(name, siblings)
        hint = f"did you mean '{near}'?" if near else "remove it"
        return SettingsError(
            f"unknown setting '{path}'",
            where=where,
            expected="one of " + ", ".join(siblings),
            got=name,
            do=hint,
        )
    return SettingsError(
        f"setting '{path}' is not valid" if path else "the settings are not valid",
        where=where,
        expected=str(first["msg"]).removeprefix("Value error, "),
        got=repr(first["input"]),
        do="correct the value; 'radiome settings show' prints every setting with its meaning",
    )


def _named_parts(kind: type[Options], path: tuple[str | int, ...]) -> list[str | int]:
    """The parts of an error's path that a user wrote: names and positions, no type names."""
    model: type[BaseModel] | None = kind
    parts: list[str | int] = []
    for part in path:
        if isinstance(part, int) or (model is not None and part in model.model_fields):
            parts.append(part)
        model = None if model is None else _group_of(model, part)
    return parts


def _known_names(kind: type[Options], path: tuple[str | int, ...]) -> list[str]:
    model: type[BaseModel] = kind
    for part in path:
        group = _group_of(model, part)
        if group is None:
            break
        model = group
    return sorted(model.model_fields)


def _group_of(model: type[BaseModel], name: str | int) -> type[BaseModel] | None:
    """The option group that a field holds, or None if it holds a plain value."""
    field = model.model_fields.get(str(name))
    if field is None:
        return None
    candidates = [field.annotation, *getattr(field.annotation, "__args__", ())]
    groups = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
    return groups[0] if groups else None
