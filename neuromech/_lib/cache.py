"""Where caches are kept between runs: a folder that this user can write, whatever the home directory is."""

import os
import tempfile
from pathlib import Path


def home() -> Path | None:
    """Return the home directory, or None where there is none or nothing can be written to it.

    Programs in containers often run without `HOME`, under a number that no list of users knows.
    """
    folder = Path(os.path.expanduser("~"))  # Path.expanduser raises where no home is known
    return folder if folder.is_absolute() and folder.is_dir() and os.access(folder, os.W_OK) else None


def user_cache() -> Path:
    """Return a folder that exists, belongs to this user and can be written.

    It lies in `XDG_CACHE_HOME`, else in `.cache` of the home directory, else among the temporary files.
    """
    wanted = os.environ.get("XDG_CACHE_HOME") or (f"{home()}/.cache" if home() else "")
    folders = [Path(wanted) / "neuromech"] if wanted else []
    for folder in (*folders, Path(tempfile.gettempdir()) / f"neuromech-{os.getuid()}"):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            mine = folder.stat().st_uid == os.getuid()
        except OSError:
            continue
        if mine and os.access(folder, os.W_OK | os.X_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="neuromech-"))
