"""The pictures of a recorded clip: a folder or a tar file of images, one per frame, in the order of names."""

from __future__ import annotations

import tarfile
from pathlib import Path

import imageio.v2 as imageio
import numpy as np

from neuromech._lib.errors import InputError
from neuromech.tracking.io import archives

_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
MOST_BYTES = 64_000_000
"""The largest size of a single picture, bytes; a larger file is refused."""


class Pictures:
    """Reads one picture at a time; `len`, and indexing by frame -> (height, width[, 3]) uint8. A context
    manager: a tar file is closed on leaving it.

    Raises
    ------
    InputError
        There are none, or one cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._tar: tarfile.TarFile | None = None
        if path.is_dir():
            self._files = sorted(each for each in path.iterdir() if _pictured(each.name))
            self._count = len(self._files)
        else:
            try:
                self._tar = tarfile.open(path)  # noqa: SIM115  (closed on exit)
                members = [each for each in self._tar.getmembers() if each.isfile()]
            except (OSError, tarfile.TarError) as error:
                raise InputError(f"pictures: {path} is no folder and no tar file ({error})") from None
            named = [each for each in members if _pictured(each.name)]
            self._members = sorted(named, key=lambda each: each.name)
            self._count = len(self._members)
        if not self._count:
            raise InputError(f"pictures: there are none in {path}")

    def __enter__(self) -> Pictures:
        return self

    def __exit__(self, *error: object) -> None:
        if self._tar is not None:
            self._tar.close()

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, frame: int) -> np.ndarray:
        try:
            image = np.asarray(imageio.imread(self._bytes(frame)))
        except (OSError, ValueError, SyntaxError, tarfile.TarError) as error:
            raise InputError(f"pictures: number {frame} of {self.path} cannot be read: {error}") from None
        if image.dtype != np.uint8 or image.ndim not in (2, 3):
            raise InputError(f"pictures: number {frame} of {self.path} is not 8-bit grey or colour")
        return image if image.ndim == 2 else image[..., :3]

    def _bytes(self, frame: int) -> bytes | Path:
        if self._tar is None:
            return self._files[frame]
        member = self._members[frame]
        if member.size > MOST_BYTES:
            raise InputError(f"pictures: {member.name} has {member.size / 1e6:.0f} MB")
        file = self._tar.extractfile(member)
        assert file is not None
        return file.read()


def _pictured(name: str) -> bool:
    """Return whether a file of that name is a picture, and none of what a Mac stores beside it."""
    return Path(name).suffix.lower() in _ENDINGS and not archives.added(name)
