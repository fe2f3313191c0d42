"""Damage that the HDF5 library does not survive, made in good files and refused before it is opened."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import h5py
import pytest

from neuromech._lib import hdf5_soundness


def good() -> bytes:
    """A file with words of any length, in one heap."""
    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        file.create_dataset("names", data=["nose", "tail"], dtype=h5py.string_dtype())
        file.create_dataset("one", data="a word", dtype=h5py.string_dtype())
        file.create_dataset("chunked", (4,), h5py.string_dtype(), chunks=(2,))[:] = ["a", "b", "c", "d"]
    return memory.getvalue()


def check(content: bytes, folder: Path) -> None:
    path = folder / "a.h5"
    path.write_bytes(content)
    hdf5_soundness.check_heaps(path)
    with h5py.File(path, "r") as file:
        hdf5_soundness.check_stored(file)


def test_a_good_file_is_sound(tmp_path: Path) -> None:
    check(good(), tmp_path)
    hdf5_soundness.check(good())


@pytest.mark.parametrize(
    ("number", "size"), [(0, 0), (0, 8), (0, 2**64 - 1), (1, 2**64 - 16), (1, 2**64 - 1), (1, 2**63)]
)
def test_an_object_of_a_heap_with_a_size_that_cannot_be(tmp_path: Path, number: int, size: int) -> None:
    content = bytearray(good())
    at = content.index(b"GCOL") + 16
    content[at : at + 16] = struct.pack("<HHIQ", number, 1, 0, size)
    with pytest.raises(ValueError, match=f"holds an object of {size} bytes"):
        check(bytes(content), tmp_path)


@pytest.mark.parametrize("name", ["names", "one", "chunked"])
def test_a_word_that_is_longer_than_the_file(tmp_path: Path, name: str) -> None:
    content = bytearray(good())
    with h5py.File(io.BytesIO(bytes(content)), "r") as file:
        array = file[name]
        place = array.id.get_offset() if array.chunks is None else array.id.get_chunk_info(0).byte_offset
    content[place : place + 4] = struct.pack("<I", 2**31)
    with pytest.raises(ValueError, match=f"{name} holds a word of {2**31} bytes"):
        check(bytes(content), tmp_path)
    with pytest.raises(ValueError, match=f"{name} holds a word of {2**31} bytes"):
        hdf5_soundness.check(bytes(content))


@pytest.mark.parametrize("name", ["kind", "größe", "of the file"])
def test_a_word_of_an_attribute_that_is_longer_than_the_file(tmp_path: Path, name: str) -> None:
    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        group = file.create_group("a group")
        for key, owner in (("kind", group), ("größe", group), ("of the file", file)):
            owner.attrs[key], owner.attrs["number"] = ["x", 777 * "y"], 2**31
    content = bytearray(memory.getvalue())
    check(bytes(content), tmp_path)
    place = content.index(struct.pack("<I", 777), content.index(name.encode() + b"\0"))
    content[place : place + 4] = struct.pack("<I", 2**31)
    with pytest.raises(ValueError, match=f"{name} holds a word of {2**31} bytes"):
        check(bytes(content), tmp_path)
    with pytest.raises(ValueError, match=f"{name} holds a word of {2**31} bytes"):
        hdf5_soundness.check(bytes(content))
