"""Variables that other programs set, and terminals that lack letters: a run, or one line with the name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from neuromech.cli import main, process_environment

RUN = ["run", "experiment=worm_crawl", "duration_s=1", "episodes=2", "video=true", "--quiet", "output=out"]


def command(
    arguments: list[str], folder: Path, repository: Path, **variables: str
) -> subprocess.CompletedProcess[bytes]:
    own = {key: value for key, value in os.environ.items() if not key.startswith(("JAX_", "XLA_"))}
    environment = {**own, "PYTHONPATH": str(repository), **variables}
    words = [sys.executable, "-m", "neuromech", *arguments]
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, check=False)


@pytest.mark.thorough
def test_a_run_needs_nothing_of_what_others_have_set(tmp_path: Path, repository: Path) -> None:
    done = command(
        RUN, tmp_path, repository, MPLBACKEND="module://matplotlib_inline.backend_inline", MUJOCO_GL="osmesa",
        PYOPENGL_PLATFORM="nonsense", HOME="/dev/null/nothing", PYTHONIOENCODING="ascii", LC_ALL="C",
        PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", COLUMNS="wide",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
    assert b" +- " in done.stdout and (tmp_path / "out" / "video.mp4").is_file()


# variables, and what the one line must say
WRONG = {
    "no such device": ({"JAX_PLATFORMS": "cuda"}, "JAX_PLATFORMS=cuda: there is no such device"),
    "no such platform": ({"JAX_PLATFORMS": "nonsense"}, "JAX_PLATFORMS=nonsense: Unable to initialize"),
    "no such flag": ({"XLA_FLAGS": "--nonsense=1"}, "XLA_FLAGS=--nonsense=1: Unknown flag"),
    "no truth": ({"JAX_ENABLE_X64": "maybe"}, "invalid truth value 'maybe' for environment 'JAX_ENABLE_X64'"),
    "no number": ({"TQDM_MININTERVAL": "soon"}, "tqdm cannot use TQDM_MININTERVAL=soon: could not convert"),
}


@pytest.mark.parametrize(("variables", "says"), WRONG.values(), ids=WRONG)
def test_what_cannot_work_is_named(
    variables: dict[str, str], says: str, tmp_path: Path, repository: Path
) -> None:
    if "JAX_PLATFORMS" in variables and os.path.exists("/dev/nvidia0"):
        pytest.skip("there is such a device")
    done = command(RUN, tmp_path, repository, **{"JAX_PLATFORMS": "cpu", **variables})
    assert done.returncode == 2 and done.stdout == b""
    line = done.stderr.decode()
    assert line.startswith("neuromech: ") and line.count("\n") == 1 and says in line


@pytest.mark.thorough
def test_a_folder_whose_name_no_encoding_has(tmp_path: Path, repository: Path) -> None:
    name = os.fsdecode(b"\xff\xfe")
    done = command([*RUN, "controller=random", f"output={name}"], tmp_path, repository)
    assert done.returncode == 0 and b"\xff\xfe/summary.json\n" in done.stdout, done.stderr.decode()
    held = ["compare", f"simulation={name}", f"animal={name}/episode_000.nc"]
    done = command(held, tmp_path, repository)
    assert done.returncode == 0 and b"\xff\xfe/comparison.html\n" in done.stdout, done.stderr.decode()


def test_variables_and_streams_are_as_before_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "svg")
    monkeypatch.delenv("MUJOCO_GL", raising=False)
    handler = sys.stdout.errors
    with process_environment.settled():
        assert (os.environ["MPLBACKEND"], os.environ["MUJOCO_GL"]) == ("agg", "disable")
        assert sys.stdout.errors == "neuromech"
    assert os.environ["MPLBACKEND"] == "svg" and "MUJOCO_GL" not in os.environ
    assert sys.stdout.errors == handler
    assert main.main(["rum"]) == 2 and os.environ["MPLBACKEND"] == "svg"
