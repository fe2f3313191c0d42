"""HDF5 that can be opened without harm: what the libraries below take on trust is looked at before."""

from __future__ import annotations

import io
import math
import mmap
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

import h5py
import numpy as np

MOST_TIMES = 50
"""Nothing recorded shrinks to less than a part of its size this small."""
CHUNKS_BYTES = 64_000_000
"""What the last chunks of a file may hold beyond what was recorded."""
MOST_SQUEEZED = 1100
"""Zlib makes nothing smaller than a part of its size this small."""
MOST_SEARCHED = 256 << 20
"""Bytes of a file that is searched for damaged heaps; a larger one is not read through for that."""
_VLEN, _REFERENCE, _COMPOUND = h5py.h5t.VLEN, h5py.h5t.REFERENCE, h5py.h5t.COMPOUND


def check(content: bytes) -> None:
    """Check the bytes of a netCDF file before it is read whole.

    Raises
    ------
    ValueError
        Its arrays say that they are far larger than the file, which would fill the memory; or the list of an
        array's dimensions is not as long as it has axes, which HDF5's library does not survive.
    OSError
        It is no HDF5; others of h5py's errors too.
    """
    total = 0
    _check_heaps(content)
    with h5py.File(io.BytesIO(content), "r") as file:
        _check_attributes(
            content, {*_words_of(file), *(name for each in file.values() for name in _words_of(each))}
        )
        for each in file.values():
            if isinstance(each, h5py.Dataset):
                total += math.prod(each.shape or ()) * each.dtype.itemsize
                _check_dimensions(each)
                _check_words(each, io.BytesIO(content), len(content))
    if total > MOST_TIMES * len(content) + CHUNKS_BYTES:
        raise ValueError(f"{total} bytes in a file of {len(content)}")


def check_heaps(path: Path) -> None:
    """Check that the library can walk through the heaps of a file, where it keeps words of any length.

    A damaged heap, of which an object has no size, holds it for ever.

    Raises
    ------
    ValueError
        It cannot.
    OSError
        The file cannot be opened.
    """
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        if 0 < size <= MOST_SEARCHED:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                _check_heaps(content)


def _check_heaps(content: bytes | mmap.mmap) -> None:
    """Walk through every global heap: "GCOL", version, 3 zeros, size; then objects, each with a header."""
    start = content.find(b"GCOL")
    while start >= 0:
        head = content[start : start + 16]
        if len(head) == 16 and head[4:8] == b"\x01\0\0\0":
            (size,) = struct.unpack("<Q", head[8:])
            end = min(start + size, len(content))
            at = start + 16
            while at + 16 <= end:
                number, _, _, size = struct.unpack("<HHIQ", content[at : at + 16])
                # The size of what is free, number 0, counts its header; that of an object does not.
                whole = size if number == 0 else 16 + (size + 7) // 8 * 8
                if not 16 <= whole <= len(content):
                    raise ValueError(f"a heap at {start} holds an object of {size} bytes")
                at += whole
        start = content.find(b"GCOL", start + 4)


def check_stored(file: h5py.File) -> None:
    """Check that no array or word of an open file claims to be far larger than what is stored of it.

    For files that a library reads for us, which may read an array whole.

    Raises
    ------
    ValueError
        One does.
    """
    words = set(_words_of(file))

    def visit(name: str, each: h5py.Group | h5py.Dataset) -> None:
        words.update(_words_of(each))
        if isinstance(each, h5py.Dataset):
            size = math.prod(each.shape or ()) * each.dtype.itemsize
            if size > CHUNKS_BYTES and size > MOST_SQUEEZED * each.id.get_storage_size():
                raise ValueError(f"{name} says it has {size} bytes, which are not stored")
            _check_words(each, stored, size_bytes)

    with open(file.filename, "rb") as stored:
        size_bytes = stored.seek(0, io.SEEK_END)
        file.visititems(visit)
        if 0 < size_bytes <= MOST_SEARCHED:
            with mmap.mmap(stored.fileno(), 0, access=mmap.ACCESS_READ) as content:
                _check_attributes(content, words)


def _check_words(array: h5py.Dataset, stored: io.BufferedIOBase, size_bytes: int) -> None:
    """Check that no word of an array says it is longer than the file.

    HDF5 keeps words of any length in a heap, and of each its length, 4 bytes, before the place; the library
    takes memory for that length before it looks whether there is so much.
    """
    if not _of_any_length(array.id.get_type()):
        return
    start = array.id.get_offset()
    # Without one it is in chunks, or in the header of the array.
    places = _plain_chunks(array) if start is None else [(start, array.id.get_storage_size())]
    for place, size in places:
        stored.seek(place)
        raw = stored.read(min(size, size_bytes))
        lengths = np.frombuffer(raw[: len(raw) // 16 * 16], "<u4")[::4]
        if len(lengths) and lengths.max() > size_bytes:
            raise ValueError(f"{array.name} holds a word of {lengths.max()} bytes, more than the file has")


def _of_any_length(kind: h5py.h5t.TypeID) -> bool:
    return kind.get_class() == _VLEN or (isinstance(kind, h5py.h5t.TypeStringID) and kind.is_variable_str())


def _words_of(each: h5py.Group | h5py.Dataset) -> list[str]:
    """Return the names of the attributes of a group or an array that are kept in a heap."""
    return [name for name in each.attrs if _of_any_length(each.attrs.get_id(name).get_type())]


def _check_attributes(content: bytes | mmap.mmap, names: Iterable[str]) -> None:
    """Check that no word of an attribute says it is longer than the file; see `_check_words`.

    h5py does not tell where attributes lie. They are found by their names, before which the file has the
    version of the message, the size of the name, of the type and of the space (HDF5 file format, IV.A.2.m).
    """
    for name in names:
        word = name.encode() + b"\0"
        at = content.find(word)
        while at >= 0:
            longest = max(_lengths_at(content, at, len(word)), default=0)
            if longest > len(content):
                raise ValueError(f"{name} holds a word of {longest} bytes, more than the file has")
            at = content.find(word, at + 1)


def _lengths_at(content: bytes | mmap.mmap, at: int, size: int) -> list[int]:
    """Return the lengths of the words of an attribute whose name, of `size` bytes, is at `at`, or none."""
    for version, before, unit in ((1, 8, 8), (2, 8, 1), (3, 9, 1)):
        head = content[max(0, at - before) : at]
        if len(head) < before or head[0] != version or struct.unpack("<H", head[2:4]) != (size,):
            continue
        kind, space = at + -(-size // unit) * unit, struct.unpack("<HH", head[4:8])
        extent = kind + -(-space[0] // unit) * unit
        values = extent + -(-space[1] // unit) * unit
        if content[kind : kind + 1] and content[kind] & 15 == _VLEN and values < len(content):
            sizes = 8 if content[extent] == 1 else 4
            shape = np.frombuffer(
                content[extent + sizes : values], "<u8", min(content[extent + 1], space[1] // 8)
            )
            count = min(math.prod(map(int, shape)), (len(content) - values) // 16)
            return np.frombuffer(content[values : values + 16 * count], "<u4")[::4].tolist()
    return []


def _plain_chunks(array: h5py.Dataset) -> Iterator[tuple[int, int]]:
    """Yield place and size in the file of the chunks of an array, if they are not packed."""
    if array.chunks is not None and array.compression is None:
        for index in range(array.id.get_num_chunks()):
            chunk = array.id.get_chunk_info(index)
            yield chunk.byte_offset, chunk.size


def _check_dimensions(array: h5py.Dataset) -> None:
    if "DIMENSION_LIST" in array.attrs:
        held = array.attrs.get_id("DIMENSION_LIST")
        kind = held.get_type()
        if (
            held.shape != (array.ndim,)
            or kind.get_class() != _VLEN
            or kind.get_super().get_class() != _REFERENCE
        ):
            raise ValueError(f"{array.name}: its list of dimensions does not fit")
    if "REFERENCE_LIST" in array.attrs:
        kind = array.attrs.get_id("REFERENCE_LIST").get_type()
        if kind.get_class() != _COMPOUND or kind.get_member_class(0) != _REFERENCE:
            raise ValueError(f"{array.name}: its list of references does not fit")
