"""The wheel carries its content and works far from the checkout. `make wheel-smoke`; some minutes."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def _call(*command: str | Path, cwd: Path) -> str:
    # The checkout must not be importable by accident.
    clean = {
        k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "NEUROMECH_CONTENT", "NEUROMECH_DATA")
    }
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _call(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, repository, cwd=folder)
    (built,) = folder.glob("neuromech-*.whl")
    return built


def test_the_wheel_holds_the_content_and_the_tree_no_copy(wheel: Path, repository: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    for kind in ("bodies", "environments", "controllers", "configs"):
        for file in (repository / kind).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                assert f"neuromech/_content/{file.relative_to(repository).as_posix()}" in held
    assert "neuromech/py.typed" in held
    assert not [name for name in held if name.split("/")[0] in ("tests", "videos", "benchmarks", "bodies")]
    assert not (repository / "neuromech" / "_content").exists()


def test_an_installed_wheel_runs_an_episode(wheel: Path, repository: Path, tmp_path: Path) -> None:
    _call(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    commands = tmp_path / "venv" / "bin"
    constraints = repository / "constraints.txt"
    _call(
        commands / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--constraint",
        constraints,
        wheel,
        cwd=tmp_path,
    )
    assert "worm_chemotaxis" in _call(commands / "neuromech", "list", "experiments", cwd=tmp_path)
    _call(
        commands / "neuromech",
        "run",
        "experiment=worm_chemotaxis",
        "duration_s=2",
        "output=out",
        cwd=tmp_path,
    )
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["experiment"] == "worm_chemotaxis"
    for name in ("episode_000.nc", "report.png", "video.mp4", "config.yaml"):
        assert (tmp_path / "out" / name).stat().st_size > 0
    script = "import gymnasium, neuromech; gymnasium.make('neuromech/WormCrawl-v0').reset(seed=0)"
    _call(commands / "python", "-c", script, cwd=tmp_path)
