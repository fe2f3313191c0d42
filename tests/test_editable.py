"""An editable install exposes the package, and not the folders of the checkout that lie beside it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BESIDE = ("tests", "benchmarks", "controllers", "bodies", "environments", "configs", "docs", "hatch_build")


@pytest.mark.slow
def test_an_editable_install_exposes_the_package_only(repository: Path, tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def call(*command: str | Path) -> str:
        words = [str(word) for word in command]
        done = subprocess.run(words, cwd=tmp_path, env=clean, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    call(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    # Without its dependencies, but for the one that leads imports to the checkout.
    call(python, "-m", "pip", "install", "--quiet", "--no-deps", "editables", "--editable", repository)
    script = (
        "from importlib.util import find_spec\n"
        f"print(find_spec('neuromech').origin, [name for name in {BESIDE} if find_spec(name)])"
    )
    assert call(python, "-c", script).split(" ", 1) == [str(repository / "neuromech/__init__.py"), "[]\n"]
