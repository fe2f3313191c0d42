"""Other people's simulators that cannot live in this environment: each gets its own when it is needed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PATIENCE_S = 900


@dataclass(frozen=True)
class Peer:
    """Somebody else's simulator.

    package: what pip installs. script: what measures it, with its own Python; it is given seconds and prints
    JSON. pythons: names of those that it runs on.
    """

    package: str
    script: str
    pythons: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of its environment: a folder beside this one, unless NAME_PYTHON says which Python has it."""
        return self.package.split("==")[0]

    @property
    def variable(self) -> str:
        """What names another Python that has it."""
        return f"{self.name.upper()}_PYTHON"

    def measured(self, seconds: float) -> dict[str, Any]:
        """Return what its script measured in so many seconds; {"why": ...} if nothing was."""
        folder, named = HERE.parent / f".{self.name}", os.environ.get(self.variable)
        python = Path(named) if named else folder / "bin" / "python"
        if not python.is_file():
            why = f"{self.variable} is {named}, which is no file" if named else self._install(folder)
            if why:
                return {"why": why}
        try:
            found = json.loads(_run([str(python), str(HERE / self.script), str(seconds)]).splitlines()[-1])
        except (subprocess.SubprocessError, OSError, ValueError, IndexError) as error:
            return {"why": _said(error)}
        return found if isinstance(found, dict) else {"why": f"{self.script} did not say"}

    def _install(self, folder: Path) -> str:
        """Make its environment; returns why not, or nothing."""
        found = [path for name in self.pythons if (path := shutil.which(name)) and _works(path)]
        if not found:
            needed = ", ".join(self.pythons)
            return f"{self.package} needs one of {needed}, and none is on PATH; set {self.variable}"
        try:
            _run([found[0], "-m", "venv", str(folder)])
            _run([str(folder / "bin" / "pip"), "install", "--quiet", self.package])
        except (subprocess.SubprocessError, OSError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            return f"{self.package} cannot be installed here ({_said(error)})"
        return ""


FLYGYM = Peer("flygym==2.1.1", "flygym_walk.py", ("python3.12", "python3.13", "python3.14"))
"""`walk` and `bare`, in times real time, `step_ms`, `speed_mm_s`, `version`."""
ELEGANSBOT = Peer("elegansbot", "elegansbot_crawl.py", ("python3.11", "python3.12", "python3.13"))
"""`crawl`, in times real time, `step_ms`, `version`."""


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
