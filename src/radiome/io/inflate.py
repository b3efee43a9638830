"""Read an exact number of voxel bytes from a plain or compressed file.

The size of the voxel data is known from the header, so the bytes go straight
into one array of that size: peak memory stays at one copy of the data. The
checksum at the end of a compressed stream is always verified.
"""

from __future__ import annotations

import os
import zlib
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import ImageError

#: Compressed bytes per read and inflated bytes per step; both stay in the processor cache.
READ_BYTES = 1 << 16
STEP_BYTES = 1 << 18

#: Deflate cannot expand a byte into more than this (zlib manual, "maximum compression factor").
MAXIMUM_EXPANSION = 1032

GZIP_MAGIC = b"\x1f\x8b"
# Window bits of the zlib interface: 31 expects a gzip wrapper, 15 a zlib wrapper.
GZIP_WINDOW = 31
ZLIB_WINDOW = 15


class ByteReader:
    """Exact reads from a binary file, inflated on the way if it is compressed.

    Parameters
    ----------
    file : binary file
        Positioned at the first byte to read; closed by its owner.
    where : str
        File name for messages.
    compressed : bool, optional
        Whether a gzip or zlib stream begins here; by default gzip is recognised by
        its first two bytes.

    Attributes
    ----------
    compressed : bool
        Whether the bytes are inflated.
    stored : int
        Bytes in the file from the position given to its end.
    """

    def __init__(self, file: BinaryIO, where: str, *, compressed: bool | None = None) -> None:
        start = file.tell()
        magic = file.read(2)
        file.seek(start)
        self._file = file
        self._where = where
        self.stored = os.fstat(file.fileno()).st_size - start
        self._spare = b""
        self._stream: Any = None
        self.compressed = magic == GZIP_MAGIC if compressed is None else compressed
        if self.compressed:
            self._window = GZIP_WINDOW if magic == GZIP_MAGIC else ZLIB_WINDOW
            self._library, self._faults = _inflate_library()
            self._stream = self._library.decompressobj(wbits=self._window)

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes, or `ImageError` if the file ends before."""
        return self.fill(count).tobytes()

    def skip(self, count: int) -> None:
        """Pass over `count` bytes."""
        while count > 0:
            step = min(count, STEP_BYTES)
            self.fill(step)
            count -= step

    def fill(self, count: int) -> NDArray[np.uint8]:
        """Return the next `count` bytes as one uint8 array (count,) that owns its memory."""
        limit = self.stored * (MAXIMUM_EXPANSION if self.compressed else 1)
        if count > limit + len(self._spare):
            # Refuse before memory is claimed for data that cannot be there.
            raise self._too_short(count, f"at most {limit} bytes in the file")
        # Not a bytearray: that clears its memory first and gets no huge pages.
        target = np.empty(count, dtype=np.uint8)
        view = target.data
        if not self.compressed:
            got = _read_fully(self._file, view)
            if got < count:
                raise self._too_short(count, f"{got} bytes")
            return target
        position = 0
        while position < count:
            block = self._spare or self._next_block(min(STEP_BYTES, count - position))
            if not block:
                raise self._too_short(count, f"{position} bytes after inflating")
            part = block[: count - position]
            self._spare = block[len(part) :]
            view[position : position + len(part)] = part
            position += len(part)
        return target

    def finish(self) -> None:
        """Run to the end of the stream, so that its checksum is verified."""
        if not self.compressed:
            return
        while self._next_block(STEP_BYTES):
            pass

    def _next_block(self, most: int) -> bytes:
        """Inflate up to `most` bytes; empty at the proper end of the last member."""
        while True:
            if self._stream.eof:
                rest = self._stream.unused_data or self._file.read(READ_BYTES)
                if not rest.startswith(GZIP_MAGIC) or self._window != GZIP_WINDOW:
                    # Nothing, or padding after the data, as gzip itself tolerates.
                    return b""
                self._stream = self._library.decompressobj(wbits=self._window)
                pending = rest
            else:
                pending = self._stream.unconsumed_tail or self._file.read(READ_BYTES)
            if not pending:
                raise ImageError(
                    "the compressed file is cut off",
                    where=self._where,
                    expected="a complete compressed stream with its checksum",
                    got="the file ends in the middle of the stream",
                    do="copy or download the file again",
                )
            block = self._inflate(pending, most)
            if block:
                return block

    def _inflate(self, pending: bytes, most: int) -> bytes:
        try:
            return bytes(self._stream.decompress(pending, most))
        except self._faults as fault:
            raise ImageError(
                "the compressed data are damaged",
                where=self._where,
                expected="a gzip or zlib stream whose checksum agrees",
                got=str(fault),
                do="copy or download the file again; 'gzip -t' shows whether it is intact",
            ) from None

    def _too_short(self, count: int, got: str) -> ImageError:
        return ImageError(
            "the file ends too early",
            where=self._where,
            expected=f"{count} bytes of header or voxels",
            got=got,
            do="copy or export the file again; it is probably cut off",
        )


def _read_fully(file: BinaryIO, view: memoryview) -> int:
    got = 0
    while got < len(view):
        step = file.readinto(view[got:])  # type: ignore[attr-defined]
        if not step:
            break
        got += step
    return got


def _inflate_library() -> tuple[Any, Any]:
    """The fastest inflate at hand and the exceptions that mean damaged data."""
    try:
        from isal import isal_zlib
    except ImportError:  # no wheel for this platform: same bytes, 2.5 times slower
        return zlib, (zlib.error,)
    return isal_zlib, (isal_zlib.error, zlib.error)
