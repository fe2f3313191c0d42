"""neuromech: the loop between an animal's body, its world and its wiring."""

import os
import tempfile
from pathlib import Path

__version__ = "0.1.0"


def _user_cache() -> Path:
    """Return a folder for compiled code that this user can write, whatever the home directory is."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    for folder in (base / "neuromech", Path(tempfile.gettempdir()) / f"neuromech-{os.getuid()}"):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if os.access(folder, os.W_OK) and folder.stat().st_uid == os.getuid():
            return folder
    return Path(tempfile.mkdtemp(prefix="neuromech-"))


# numba reads this when it is first imported; its own default, beside the source, may be read-only.
os.environ.setdefault("NUMBA_CACHE_DIR", str(_user_cache() / "numba"))

from neuromech.envs import ids  # noqa: E402

ids.register_all()
