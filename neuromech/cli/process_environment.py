"""The environment of a process: variables that other programs set, and the encoding of its output.

A notebook's `MPLBACKEND`, a cluster's `MUJOCO_GL` or `JAX_PLATFORMS` are meant for other programs. A command
opens no window and draws with matplotlib and its own ray caster, so it sets these variables itself; the
device that JAX shall use is the user's choice, and is checked and named in one line.
"""

from __future__ import annotations

import codecs
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from neuromech._lib.cache import home, user_cache
from neuromech._lib.errors import InputError

CHOSEN = {
    "MPLBACKEND": "agg",  # matplotlib draws into files
    "MUJOCO_GL": "disable",  # importing MuJoCo opens no OpenGL; films are drawn by the ray caster
}
"""Variables that a command sets for itself and its worker processes, whatever they were."""

ASKED_OF_JAX = ("JAX_", "XLA_")
"""The beginnings of the names of variables that JAX and its compiler read when they start."""

PLAIN = {"±": "+-", "µ": "u", "μ": "u", "×": "x", "°": "deg", "·": "-", "…": "..."}
"""Replacements of characters that the terminal's encoding lacks; other characters become `?`."""


@contextmanager
def settled() -> Iterator[None]:
    """Set variables and output streams as a command needs them, and restore them at the end."""
    chosen = dict(CHOSEN)
    if home() is None and "MPLCONFIGDIR" not in os.environ:
        chosen["MPLCONFIGDIR"] = str(user_cache() / "matplotlib")
    former = {name: os.environ.get(name) for name in chosen}
    streams = [each for each in (sys.stdout, sys.stderr) if isinstance(each, io.TextIOWrapper)]
    handlers = [each.errors for each in streams]
    os.environ.update(chosen)
    for stream in streams:
        stream.reconfigure(errors="neuromech")
    try:
        yield
    finally:
        for stream, handler in zip(streams, handlers, strict=True):
            with suppress(OSError, ValueError):  # it may be closed, and this writes what is left
                stream.reconfigure(errors=handler)
        for name, value in former.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def check_jax() -> None:
    """Start JAX, and say which variables are set for it where it does not start.

    Raises
    ------
    InputError
        It does not start; the line names the variables and JAX's reason.
    """
    said = [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith(ASKED_OF_JAX)]
    if not said:
        return
    reason = _flags() if os.environ.get("XLA_FLAGS") else ""
    if not reason:
        try:
            import jax

            jax.devices()
        except Exception as error:  # of many kinds, and of all that JAX has for plug-ins
            # Without a plug-in for a GPU, JAX's word is a bare AssertionError.
            reason = " ".join(str(error).split()) or "there is no such device, or its plug-in is missing"
    if reason:
        raise InputError(f"JAX does not start with {' '.join(said)}: {reason}")


def _flags() -> str:
    """Return what the compiler says of its flags, nothing if it starts.

    It is asked in another process, because a wrong flag ends the process that has it.
    """
    command = [sys.executable, "-c", "import jax.numpy as jnp; jnp.zeros(1).block_until_ready()"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    for line in done.stderr.splitlines():
        # "F0000 00:00:00.000000 12 parse_flags_from_env.cc:226] Unknown flag in XLA_FLAGS: ..."
        _, found, told = line.partition("] ")
        if done.returncode and line.startswith("F") and found:
            return told.strip()
    return "the compiler ends the process" if done.returncode < 0 else ""


def _write_plainly(error: UnicodeError) -> tuple[str | bytes, int]:
    """Write what an encoding lacks in plain letters, and the bytes of file names as they are on disk."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    if all("\udc80" <= character <= "\udcff" for character in text):
        return bytes(ord(character) - 0xDC00 for character in text), error.end
    return "".join(PLAIN.get(character, "?") for character in text), error.end


codecs.register_error("neuromech", _write_plainly)
