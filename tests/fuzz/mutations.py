"""What can be wrong with a file: bytes, the words of a text, a tree of JSON, the arrays of an archive."""

from __future__ import annotations

import copy
import io
import json
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np

Rng = np.random.Generator
WORDS = [
    "", "nan", "NaN", "inf", "-inf", "1e999", "-1e-999", "0", "-1", "1.5", "1,5", "0x10", "1_000", "\u0663",
    "9" * 400, "true", "null", "None", "x", "y", "scorer", "coords", "bodyparts", "individuals", "likelihood",
    "nose", "nose.x", "frame_idx", "track", "tail_angle_0", "head_x", "start_s", '"', '"a\nb"', "\x00",
    "\x1b[2J", "\ufeff", "\ud7ff", "labeled-data/a/img.png",
    "../../etc/passwd", "$(id)", "=1+1", "a" * 2000, "\u00e9", ";", "\t", " ",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 10, 1e308, -1e308, 10**30, 10**400, 0.1, "", "a", "mm", "px", "s", "1",
    "L", "R", [], {}, [[]], [None], [1, 2], [[1, 2], [3]], {"a": 1}, [{}], "\n",
    "\u0000", float("nan"), float("inf"),
]  # fmt: skip


def pick(rng: Rng, values: Any) -> Any:
    """Return one of some values."""
    return values[int(rng.integers(len(values)))]


def bytes_of(content: bytes, rng: Rng) -> bytes:
    """Return bytes some of which were changed, lost, doubled or put in."""
    data = bytearray(content)
    for _ in range(int(rng.choice([1, 1, 1, 2, 4, 16]))):
        if not data:
            return bytes(rng.integers(0, 256, int(rng.integers(0, 40)), np.uint8))
        at, much = int(rng.integers(len(data))), int(rng.choice([1, 1, 2, 4, 8, 64, 512]))
        kind = int(rng.integers(8))
        if kind == 0:
            data[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            data[at : at + much] = bytes(rng.integers(0, 256, len(data[at : at + much]), np.uint8))
        elif kind == 2:
            data[at : at + much] = bytes([int(pick(rng, [0, 255, 127, 128]))]) * len(data[at : at + much])
        elif kind == 3:
            del data[at : at + much]
        elif kind == 4:
            data[at:at] = data[at : at + much]
        elif kind == 5:
            data[at:at] = bytes(rng.integers(0, 256, much, np.uint8))
        elif kind == 6:
            number = int(pick(rng, [0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 2**63, 2**64 - 1, len(data)]))
            size = int(pick(rng, [2, 4, 8]))
            data[at : at + size] = struct.pack("<Q", number)[:size]
        elif rng.random() < 0.3:
            del data[at:]
    return bytes(data)


def text_of(content: bytes, rng: Rng) -> bytes:
    """Return a table whose cells and rows were changed, at times in another encoding or with other commas."""
    rows = [line.split(",") for line in content.decode("utf-8", "replace").split("\n")]
    for _ in range(int(rng.choice([1, 1, 2, 3, 8]))):
        row = int(rng.integers(len(rows)))
        column = int(rng.integers(max(len(rows[row]), 1)))
        kind = int(rng.integers(8))
        if kind <= 2 and rows[row]:
            rows[row][column] = str(pick(rng, WORDS))
        elif kind == 3:
            rows.insert(row, list(rows[row]))
        elif kind == 4 and len(rows) > 1:
            del rows[row]
        elif kind == 5:
            rows[row].insert(column, str(pick(rng, WORDS)))
        elif kind == 6 and rows[row]:
            del rows[row][column]
        else:
            other = int(rng.integers(len(rows)))
            rows[row], rows[other] = rows[other], rows[row]
    mark = str(rng.choice([",", ";", "\t"], p=[0.94, 0.03, 0.03]))
    ends = str(rng.choice(["\n", "\r\n", "\r"], p=[0.8, 0.15, 0.05]))
    encoding = str(
        rng.choice(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"], p=[0.8, 0.05, 0.05, 0.05, 0.05])
    )
    return ends.join(mark.join(row) for row in rows).encode(encoding, "replace")


def json_of(content: bytes, rng: Rng) -> bytes:
    """Return JSON some of whose values were replaced, left out, renamed or nested."""
    tree = json.loads(content)
    for _ in range(int(rng.choice([1, 1, 2, 4]))):
        node = tree
        while isinstance(node, dict | list) and node:
            key = pick(rng, list(node) if isinstance(node, dict) else range(len(node)))
            if not isinstance(node[key], dict | list) or not node[key] or rng.random() < 0.3:
                kind = int(rng.integers(5))
                if kind <= 2:
                    node[key] = copy.deepcopy(pick(rng, VALUES))
                elif kind == 3:
                    del node[key]
                elif isinstance(node, dict):
                    node[str(pick(rng, ["ox", "oy", "cx", "cy", "head", "id", "files", "t", "x"]))] = node[
                        key
                    ]
                else:
                    node[key] = [copy.deepcopy(node[key])] * int(pick(rng, [1, 2, 50]))
                break
            node = node[key]
    words = json.dumps(tree)
    if rng.random() < 0.02:
        words = words.replace("[", "[" * 3000, 1)
    return words.encode(str(rng.choice(["utf-8", "utf-8-sig", "utf-16"], p=[0.9, 0.05, 0.05])))


def zipped(content: bytes, rng: Rng) -> bytes:
    """Return a text in a zip archive, with what may lie beside it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in rng.permutation(["__MACOSX/._a.wcon", ".DS_Store", "b.txt"])[: int(rng.integers(3))]:
            archive.writestr(str(name), b"\x00\x05\x16\x07")
        archive.writestr(str(pick(rng, ["a.wcon", "worms/a.wcon", "a.json", "a"])), content)
        if rng.random() < 0.1:
            archive.writestr("b.wcon", content)
    return made.getvalue()


def hostile_array(rng: Rng, like: np.ndarray) -> Any:
    """Return an array that has another shape, type or other values than one."""
    kind = int(rng.integers(12))
    if kind == 0:
        return np.zeros(tuple(int(n) for n in rng.integers(0, 5, int(rng.integers(0, 5)))))
    if kind == 1:
        return np.swapaxes(like, 0, -1) if like.ndim > 1 else np.tile(like, 2)
    if kind == 2:
        return like[: int(rng.integers(len(like) + 1))] if like.ndim else like
    if kind == 3 and like.dtype.kind in "iuf":
        return like.astype(pick(rng, ["i1", "u8", "f2", "f4", "c16", "?", "S8"]))
    if kind == 4:
        return np.full(like.shape, pick(rng, [np.nan, np.inf, -np.inf, 0.0, -1.0, 1e300, -1e300, 1e-300]))
    if kind == 5 and like.size and like.dtype.kind == "f":
        out = like.copy()
        with np.errstate(over="ignore"):
            out[rng.random(like.shape) < pick(rng, [0.02, 0.3])] = pick(
                rng, [np.nan, -np.inf, -1.0, 0.0, 1e308]
            )
        return out
    if kind == 6:
        return np.array(pick(rng, ["", "word", "\u00e9" * 9]))
    if kind == 7:
        return np.array([b"a", b"\xff\xfe", b""])
    if kind == 8:
        return np.arange(like.size, dtype=float).reshape(like.shape)
    if kind == 9:
        return np.concatenate([like, like]) if like.ndim else like
    if kind == 10:
        return np.asarray(pick(rng, [0.0, -1.0, np.nan, np.inf, 2**63 - 1, 1]))
    return np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])


def npz_of(content: bytes, rng: Rng) -> bytes:
    """Return an archive of arrays one of which is another, missing, named otherwise, or says it is huge."""
    with np.load(io.BytesIO(content)) as file:
        arrays = {name: file[name] for name in file.files}
    name, made = str(pick(rng, list(arrays))), io.BytesIO()
    kind = int(rng.integers(6))
    if kind <= 2:
        arrays[name] = hostile_array(rng, arrays[name])
    elif kind == 3:
        arrays[str(pick(rng, [*arrays, "fps", "tail_angle_99", "tail_angle_x", "joint_", "../x"]))] = (
            arrays.pop(name)
        )
    elif kind == 4:
        del arrays[name]
    np.savez_compressed(made, allow_pickle=True, **arrays)
    if kind != 5:
        return made.getvalue()
    # A header that promises more than there is, or an object that is a pickle.
    shape = str(
        pick(rng, ["(1000000000, 1000)", "(9223372036854775807,)", "(-5,)", "(3, 4", "(2**9,)", "()"])
    )
    descr = str(pick(rng, ["<f8", "|O", "<U9", "|V8", "f", "__import__('os')"]))
    head = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    head += b" " * (63 - (len(head) + 10) % 64) + b"\n"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, values in arrays.items():
            whole = io.BytesIO()
            np.save(whole, values)
            bad = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + b"\0" * 64
            archive.writestr(f"{each}.npy", bad if each == name else whole.getvalue())
    return made.getvalue()


def hdf5_of(content: bytes, rng: Rng) -> bytes:
    """Return HDF5 one of whose arrays or attributes is another, missing, a link or a group."""
    made = io.BytesIO(content)
    with h5py.File(made, "r+") as file:
        held: list[tuple[str, Any]] = []
        file.visititems(lambda name, each: held.append((name, each)))
        arrays = [each for each in held if isinstance(each[1], h5py.Dataset)]
        marked = [("/", file)] + held
        for _ in range(int(rng.choice([1, 1, 2, 3]))):
            name, each = pick(rng, arrays)
            kind = int(rng.integers(10))
            try:
                if kind <= 3:
                    values, about = each[()], dict(each.attrs)
                    del file[name]
                    file[name] = hostile_array(rng, np.asarray(values))
                    if rng.random() < 0.7:
                        for key, value in about.items():
                            file[name].attrs[key] = value
                elif kind == 4:
                    del file[name]
                elif kind == 5:
                    where = pick(rng, marked)[1]
                    key = pick(rng, [*where.attrs, "dims", "unit", "conversion", "rate", "fps", "framerate"])
                    where.attrs[key] = _attribute(rng)
                elif kind == 6:
                    where = pick(rng, [each for each in marked if len(each[1].attrs)] or marked)[1]
                    for key in list(where.attrs)[: int(rng.integers(1, 3))]:
                        del where.attrs[key]
                elif kind == 7:
                    _huge(file, name, rng)
                elif kind == 8:
                    del file[name]
                    link = pick(
                        rng,
                        [
                            h5py.SoftLink("/nowhere"),
                            h5py.SoftLink(f"/{name}"),
                            h5py.ExternalLink("b.h5", "/"),
                        ],
                    )
                    file[name] = link
                else:
                    del file[name]
                    file.create_group(name)
            except (AttributeError, KeyError, OSError, TypeError, ValueError, RuntimeError):
                continue  # that cannot be stored
    return made.getvalue()


def _attribute(rng: Rng) -> Any:
    return pick(
        rng,
        [0, -1, 1, 2**62, 0.0, np.nan, np.inf, -5.0, "", "word", "{broken", "[1]",
         '["frame","track","node","xy"]', "null", np.bytes_(b"\xff\xfe"), np.zeros(3), np.zeros(0),
         h5py.Empty("f8"), np.void(b"\x80\x04."), "\x1b[2J\n", "px", "meters", "a" * 9000],
    )  # fmt: skip


def _huge(file: h5py.File, name: str, rng: Rng) -> None:
    """Say that an array is huge, of which nothing or hardly anything is stored."""
    old = file[name]
    shape, kind = (old.shape or (1,)), old.dtype
    del file[name]
    grown = tuple(max(n, 1) for n in shape) or (1,)
    axis = int(rng.integers(len(grown)))
    grown = grown[:axis] + (int(pick(rng, [10**5, 10**7, 10**9, 2**40])),) + grown[axis + 1 :]
    chunks = tuple(min(n, 64) for n in grown)
    squeeze = pick(rng, [None, "gzip"])
    file.create_dataset(name, grown, kind if kind.kind in "iuf" else "f8", chunks=chunks, compression=squeeze)


MUTATIONS: dict[str, list[Callable[[bytes, Rng], bytes]]] = {
    "csv": [bytes_of, text_of, text_of],
    "wcon": [bytes_of, json_of, json_of],
    "zip": [bytes_of, lambda content, rng: content],
    "npz": [bytes_of, npz_of],
    "h5": [bytes_of, hdf5_of, hdf5_of],
}
"""Ways to change a file, by how its name ends; those of text are tried twice as often as those of bytes."""


def mutated(name: str, content: bytes, rng: Rng) -> tuple[str, bytes]:
    """Return another name and content for a valid file."""
    ending = name.rpartition(".")[2]
    kind = ending if ending in MUTATIONS else "h5"
    changed = pick(rng, MUTATIONS[kind])(content, rng)
    if kind == "wcon" and rng.random() < 0.2:
        changed = pick(rng, MUTATIONS["zip"])(zipped(changed, rng), rng)
        name = f"{name}.zip"
    return name, changed
