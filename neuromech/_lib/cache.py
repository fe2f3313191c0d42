"""Where compiled code is kept between runs: a folder that this user can write, whatever HOME is."""

import os
import tempfile
from pathlib import Path


def user_cache() -> Path:
    """Return the folder of neuromech's caches, made if need be."""
    candidates = [Path(tempfile.gettempdir()) / f"neuromech-{os.getuid()}"]
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
        candidates.insert(0, home / "neuromech")
    except RuntimeError:  # neither HOME nor an entry in the table of users
        pass
    for folder in candidates:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if os.access(folder, os.W_OK) and folder.stat().st_uid == os.getuid():
            return folder
    return Path(tempfile.mkdtemp(prefix="neuromech-"))
