"""What a command finds around it: variables that other programs set, and the encoding of its output.

A notebook's `MPLBACKEND`, a cluster's `MUJOCO_GL` or `JAX_PLATFORMS` are meant for other programs. A command
opens no window and draws with matplotlib and its own ray caster, so it chooses for itself; what it cannot
choose for the user, the device that JAX shall use, is checked and named in one line.
"""

from __future__ import annotations

import codecs
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from neuromech._lib.caches import code_cache, home
from neuromech._lib.errors import InputError

CHOSEN = {
    "MPLBACKEND": "agg",  # matplotlib draws into files
    "MUJOCO_GL": "disable",  # importing MuJoCo opens no OpenGL; films are drawn by the ray caster
}
"""Variables that a command sets for itself and its worker processes, whatever they were."""

ASKED_OF_JAX = ("JAX_", "XLA_")
"""How the names of the variables begin that JAX and its compiler read when they start."""

HARMLESS = {"JAX_PLATFORMS": ("", "cpu"), "XLA_FLAGS": ("",)}
"""Values with which JAX is known to start, so that nobody waits for the question."""

PLAIN = {"±": "+-", "µ": "u", "μ": "u", "×": "x", "°": "deg", "·": "-", "…": "..."}
"""What is written where the terminal's encoding has no such character; other characters become `?`."""


@contextmanager
def settled() -> Iterator[None]:
    """While it lasts, variables and output streams are as a command needs them; then as they were before."""
    chosen = dict(CHOSEN)
    if home() is None and "MPLCONFIGDIR" not in os.environ:
        chosen["MPLCONFIGDIR"] = str(code_cache() / "matplotlib")
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
    """Ask in a process of its own whether JAX starts with the variables that are set for it.

    In this process a wrong flag would end it without a word that a user could use.

    Raises
    ------
    InputError
        It does not; the line names the variables and JAX's reason.
    """
    asked = {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith(ASKED_OF_JAX) and value not in HARMLESS.get(name, ())
    }
    if not asked:
        return
    said = " ".join(f"{name}={value}" for name, value in asked.items())
    with tempfile.TemporaryFile() as told:
        command = [sys.executable, "-c", "import jax; jax.devices()"]
        code = subprocess.run(command, stdout=told, stderr=told, check=False).returncode
        told.seek(0)
        lines = told.read().decode(errors="replace").split("\n")
    if code:
        raise InputError(f"JAX does not start with {said}: {_reason(lines)}")


def _reason(lines: list[str]) -> str:
    """Return the line of a program's last words that says what was wrong."""
    for line in lines:  # of XLA, which aborts: "F0000 00:00:00.0 parse_flags.cc:226] Unknown flags ..."
        _, found, told = line.partition("] ")
        if line.startswith("F") and found:
            return told.strip()
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    # Without plug-in for a GPU, JAX's last word is a bare AssertionError.
    return last if ": " in last else "there is no such device, or its plug-in is not installed"


def _write_plainly(error: UnicodeError) -> tuple[str | bytes, int]:
    """Write what an encoding lacks in plain letters, and the bytes of file names as they are on disk."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    if all("\udc80" <= character <= "\udcff" for character in text):
        return bytes(ord(character) - 0xDC00 for character in text), error.end
    return "".join(PLAIN.get(character, "?") for character in text), error.end


codecs.register_error("neuromech", _write_plainly)
