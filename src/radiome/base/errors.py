"""Errors a user can act on, told apart from bugs.

`UserError` and its kinds are caught in one place, the command line, and shown
without a traceback. In a cohort run they become the reason of a failed case.
Anything else is a bug and keeps its traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class RadiomeError(Exception):
    """Root of every error that radiome raises on purpose."""


class UserError(RadiomeError):
    """Input that cannot be used, with what to do about it.

    Parameters
    ----------
    what : str
        One sentence: what is wrong.
    where : str, optional
        The file, series, region, setting or column concerned.
    expected, got : str, optional
        What would have been right, and what arrived.
    do : str, optional
        The next step for the user.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        got: str | None = None,
        do: str | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.expected = expected
        self.got = got
        self.do = do
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The whole message, one labelled line per part that is known."""
        parts = [self.what]
        labelled = (
            ("where", self.where),
            ("expected", self.expected),
            ("got", self.got),
            ("do", self.do),
        )
        parts += [f"  {label}: {text}" for label, text in labelled if text]
        return "\n".join(parts)

    @property
    def line(self) -> str:
        """The message on one line, for a table or a list."""
        return "; ".join(part.strip() for part in self.message.splitlines())

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling between processes.
        parts = (self.what, self.where, self.expected, self.got, self.do)
        return (_rebuild, (type(self), parts))


class ImageError(UserError):
    """An image or mask file that cannot be read or is not usable as a volume."""


class GeometryError(ImageError):
    """Slices, grids or contours that do not fit together."""


class RegionError(UserError):
    """A region of interest that is empty, absent or outside the image."""


class SettingsError(UserError):
    """A setting that is unknown, malformed or contradictory."""


def _rebuild(kind: type[UserError], parts: tuple[str | None, ...]) -> UserError:
    what, where, expected, got, do = parts
    return kind(what or "", where=where, expected=expected, got=got, do=do)


def system_error(error: OSError) -> UserError:
    """A file that the system refuses to read or write, as a message for the user."""
    return UserError(
        "a file or folder cannot be used",
        where=str(error.filename) if error.filename else None,
        expected="permission to read inputs and to write results, and space to do so",
        got=error.strerror or str(error),
        do="check the path, its permissions and the space on the disk",
    )


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to `name`, or None if none is close."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return close[0] if close else None
