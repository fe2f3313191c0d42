"""Files that are on disk in full or not at all, archives of arrays, and paths as people write them."""

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from neuromech._lib.errors import InputError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the path of a new file beside `path`, which takes its place when all is written.

    The new file has the same suffix, because many writers go by it. Where writing fails, or the process is
    killed, the file of that name is what it was before.
    """
    part = path.absolute().with_name(f".{path.stem}.part{path.suffix}")
    try:
        yield part
        os.replace(part, path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8, replacing a file of that name as a whole; its last line is ended.

    What UTF-8 cannot hold, as the odd bytes of a file's name, becomes a question mark.
    """
    whole = text if text.endswith("\n") else f"{text}\n"
    with replacing(path) as part:
        part.write_bytes(whole.encode("utf-8", "replace"))


def make_folder(folder: Path) -> None:
    """Make an output folder.

    Raises
    ------
    InputError
        Nothing can be written to it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        shown = f"{folder}"[:200]
        raise InputError(
            f"cannot write output={shown}: {getattr(error, 'strerror', None) or error}"
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"cannot write output={folder}: permission denied")


def user_path(text: str) -> Path:
    """Return the path that a person wrote.

    What exists under exactly that name comes first; otherwise a leading `~` is the home directory, where
    one is known.
    """
    path = Path(text)
    if os.path.exists(path):
        return path
    try:
        return path.expanduser()
    except RuntimeError:  # no HOME, and no entry in the list of users
        return path


def as_path(name: str, value: object) -> Path:
    """Return a path that a user gave, with its `~` spelled out; `name` is what an `InputError` calls it."""
    if not isinstance(value, str | os.PathLike):
        raise InputError(f"{name} must be a path, not {value!r:.60}")
    return user_path(os.fspath(value))


def arrays_of(path: Path) -> dict[str, Any]:
    """Return the arrays of an npz archive by their names; nothing in it is executed.

    Raises
    ------
    OSError
        It cannot be read.
    ValueError
        It is no such archive, is damaged, or holds something that is no array of plain values.
    """
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (EOFError, TypeError, KeyError, AttributeError, NotImplementedError, RuntimeError) as error:
        # An empty file; an array that is in no archive; an archive with odd entries or a password.
        raise ValueError(f"no archive of arrays: {error}") from None
    except (zipfile.BadZipFile, zlib.error, SyntaxError) as error:
        raise ValueError(f"a damaged archive: {error}") from None
