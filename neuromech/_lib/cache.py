"""Where caches are kept between runs: a folder that this user can write, whatever the home directory is."""

import hashlib
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


def keep_compiled_brains() -> None:
    """Let JAX keep what it compiles in this user's cache, so that a second run begins sooner.

    Where the user has set JAX's own variable or configuration for it, that stays. What is kept is for one
    kind of processor: another one that shares the home directory has a folder of its own.
    """
    import jax
    from llvmlite.binding import get_host_cpu_features, get_host_cpu_name

    if jax.config.jax_compilation_cache_dir is not None:  # pyright: ignore[reportAttributeAccessIssue]
        return
    kind = f"{get_host_cpu_name()} {get_host_cpu_features().flatten()}"
    folder = user_cache() / "jax" / hashlib.sha256(kind.encode()).hexdigest()[:16]
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
