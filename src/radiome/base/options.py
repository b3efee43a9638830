"""Strict option trees: every option is declared once, unknown keys are refused.

The declaration (a pydantic model) feeds defaults, validation, the commented
YAML that `radiome settings show` prints, and the reference documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from radiome.base.errors import SettingsError, nearest_name

#: Characters of a wrong value that a message shows.
_LONGEST = 200


class Options(BaseModel):
    """Base of all option groups: frozen, strict about names and types.

    Attributes
    ----------
    advice : str
        Where a user finds all options of the tree that the group heads, for messages.
    """

    advice: ClassVar[str] = ""

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
    path, groups = _placed(kind, first["loc"])
    if first["type"] == "extra_forbidden":
        siblings = sorted({name for group in groups for name in group.model_fields})
        name = str(first["loc"][-1])
        near = nearest_name(name, siblings)
        return SettingsError(
            f"unknown setting '{'.'.join([*path, name])}'",
            where=where,
            expected="one of " + ", ".join(siblings),
            got=name,
            do=f"did you mean '{near}'?" if near else "remove it",
        )
    told = ".".join(path)
    return SettingsError(
        f"setting '{told}' is not valid" if told else "the settings are not valid",
        where=where,
        expected=str(first["msg"]).removeprefix("Value error, "),
        got=_short(first["input"]),
        do="; ".join(filter(None, ("correct the value", kind.advice))),
    )


def _short(value: Any) -> str:
    """A value as Python writes it; of a long one the beginning."""
    text = repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " ..."


def _placed(
    kind: type[Options], location: tuple[str | int, ...]
) -> tuple[list[str], list[type[BaseModel]]]:
    """Where an error lies, as a user would say it, and the groups that the place belongs to.

    pydantic puts names of types between the parts that a user wrote; those are left out.
    """
    groups: list[type[BaseModel]] = [kind]
    parts: list[str] = []
    for part in location:
        fields = [group.model_fields[str(part)] for group in groups
                  if str(part) in group.model_fields]  # fmt: skip
        if fields:
            groups = [found for field in fields for found in _groups_in(field.annotation)]
        if fields or isinstance(part, int):
            parts.append(str(part))
    return parts, groups


def _groups_in(annotation: Any) -> list[type[BaseModel]]:
    """The option groups within a type, such as that of ``tuple[Group, ...] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [group for part in get_args(annotation) for group in _groups_in(part)]
