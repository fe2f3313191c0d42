"""Other people's simulators that cannot live in this environment: each gets its own when it is needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / ".flygym"
PACKAGE = "flygym==2.1.1"
PYTHONS = ("python3.12", "python3.13", "python3.14")
"""What flygym 2 runs on."""
PATIENCE_S = 900


@dataclass(frozen=True)
class Flygym:
    """What flygym_walk.py measured: real-time factors, mm/s; or why nothing was."""

    why: str = ""
    version: str = ""
    step_ms: float = 0.0
    walk: float = 0.0
    bare: float = 0.0
    speed_mm_s: float = 0.0


def flygym(seconds: float) -> Flygym:
    """Walk flygym's fly for so long, in the environment whose Python ``FLYGYM_PYTHON`` names or .flygym/."""
    named = os.environ.get("FLYGYM_PYTHON")
    python = Path(named) if named else FOLDER / "bin" / "python"
    if not python.is_file():
        why = f"FLYGYM_PYTHON is {named}, which is no file" if named else _install()
        if why:
            return Flygym(why)
    try:
        done = _run([str(python), str(HERE / "flygym_walk.py"), str(seconds)])
        return Flygym(**json.loads(done.splitlines()[-1]))
    except (subprocess.SubprocessError, OSError, ValueError, TypeError, IndexError) as error:
        return Flygym(_said(error))


def _install() -> str:
    """Make flygym's environment; returns why not, or nothing."""
    found = [path for name in PYTHONS if (path := shutil.which(name)) and _works(path)]
    if not found:
        return f"{PACKAGE} needs one of {', '.join(PYTHONS)}, and none is on PATH; set FLYGYM_PYTHON"
    try:
        _run([found[0], "-m", "venv", str(FOLDER)])
        _run([str(FOLDER / "bin" / "pip"), "install", "--quiet", PACKAGE])
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(FOLDER, ignore_errors=True)
        return f"{PACKAGE} cannot be installed here ({_said(error)})"
    return ""


def _works(python: str) -> bool:
    """Whether this is a Python: a version manager leaves names on PATH behind which there is none."""
    try:
        return bool(_run([python, "-c", "print(1)"]))
    except (subprocess.SubprocessError, OSError):
        return False


def _run(command: list[str]) -> str:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=PATIENCE_S, env=clean
    ).stdout


def _said(error: Exception) -> str:
    said = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
    return said[-1] if said else type(error).__name__
