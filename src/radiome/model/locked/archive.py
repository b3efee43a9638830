"""A zip whose parts vouch for each other."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from radiome.base.errors import UserError
from radiome.tables.atomic import replacing

#: Member with a line ``HASH  NAME`` for each other member.
SUMS = "SHA256SUMS"

#: The earliest time that a zip can tell: the bytes are not to depend on when they were written.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(members: Mapping[str, bytes]) -> bytes:
    """Members as a zip, sorted by name; equal members give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, members[name], compresslevel=6)
    return buffer.getvalue()


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def write_members(path: Path, members: Mapping[str, bytes]) -> None:
    """Write members and their hashes, atomically."""
    data = pack({**members, SUMS: _sums(members)})
    with replacing(path) as part:
        part.write_bytes(data)


def read_members(path: Path) -> dict[str, bytes]:
    """The members of a file that `write_members` wrote, their hashes checked.

    Raises
    ------
    UserError
        If there is no such file, it is not whole, or a member was changed, added or removed.
    """
    if not path.is_file():
        raise UserError("there is no model file here", where=str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            found = {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, zlib.error) as error:
        raise _not_a_model(path, str(error)) from None
    if SUMS not in found or len(names) != len(found):
        raise _not_a_model(path, "no list of hashes" if SUMS not in found else "a member twice")
    sums = found.pop(SUMS)
    expected = {name: digest(data) for name, data in found.items()}
    told = {name: sha for sha, name in (line.split("  ", 1) for line in _lines(sums, path))}
    for name in sorted(expected.keys() | told.keys()):
        if expected.get(name) != told.get(name):
            raise UserError(
                "the model file was changed after it was written",
                where=f"{path}, member '{name}'",
                expected=f"SHA-256 {told.get(name, 'none: no such member')}",
                got=expected.get(name, "no such member"),
                do="use the file as it came; a changed model is another model",
            )
    if sums != _sums(found):
        raise _not_a_model(path, "a list of hashes that was changed")
    return found


def _sums(members: Mapping[str, bytes]) -> bytes:
    lines = [f"{digest(members[name])}  {name}\n" for name in sorted(members)]
    return "".join(lines).encode()


def _lines(sums: bytes, path: Path) -> list[str]:
    try:
        lines = sums.decode("ascii").splitlines()
    except UnicodeDecodeError as error:
        raise _not_a_model(path, str(error)) from None
    if any("  " not in line for line in lines):
        raise _not_a_model(path, "a list of hashes that cannot be read")
    return lines


def _not_a_model(path: Path, got: str) -> UserError:
    return UserError(
        "this is not a locked model, or it is damaged",
        where=str(path),
        expected="a file that radiome wrote",
        got=got,
    )
