"""Whatever a user gets wrong is one line on stderr that helps, exit code 2, and no traceback."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from neuromech.cli import main

CRAWL = ["run", "experiment=worm_crawl", "duration_s=0.5", "video=false", "--quiet"]

CLIMB = [*CRAWL[:1], "experiment=worm_chemotaxis", *CRAWL[2:]]

TANK = [*CRAWL[:1], "experiment=worm_swim", *CRAWL[2:], "body=larval_fish", "environment=optomotor_tank",
        "controller=random"]  # fmt: skip

FLOW = ["run", "experiment=fish_rheotaxis", "video=false"]

# arguments, and what the line must say
BAD = {
    "command": (["rum"], "unknown command 'rum'; nearest: run"),
    "option": ([*CRAWL, "--fast"], "--fast"),
    "no experiment": (["run"], "experiment=NAME"),
    "experiment": (["run", "experiment=worm_craw"], "nearest: worm_crawl"),
    "empty experiment": (["run", "experiment="], "fish_optomotor"),
    "body": ([*CRAWL, "body=wurm"], "unknown body 'wurm'; nearest: worm"),
    "environment": ([*CRAWL, "environment.name=agar"], "nearest: agar_salt"),
    "controller": ([*CRAWL, "controller=worm_conectome"], "nearest: worm_connectome"),
    "key": ([*CRAWL, "duraton_s=3"], "nearest: duration_s"),
    "nested key": ([*CRAWL, "perturb.ablat=AVA"], "nearest: perturb.ablate"),
    "key below a value": ([*CRAWL, "seed.first=3"], "seed"),
    "content key": ([*CLIMB, "environment.stimulus.widht_mm=3"], "nearest: environment.stimulus.width_mm"),
    "content value": ([*CLIMB, "environment.stimulus.width_mm=wide"], "must be a number"),
    "content NaN": ([*CLIMB, "environment.stimulus.width_mm=nan"], "finite"),
    "start key": ([*CRAWL, "start.distance=3"], "nearest: start.distance_mm"),
    "half a place": ([*CRAWL, "start.x_mm=1"], "give start.x_mm and start.y_mm, or neither"),
    "body without a length": (
        [*CRAWL, "body.length_mm=-1"],
        "body.length_mm must be a number above 0, not -1",
    ),
    "plate without a size": (
        [*CRAWL, "environment.plate.radius_mm=-5"],
        "radius_mm must be a number above 0",
    ),
    "start off the plate": (
        [*CRAWL, "start.distance_mm=[500,500]"],
        "outside the plate, whose radius is 30 mm",
    ),
    "place off the plate": ([*CRAWL, "start.x_mm=0", "start.y_mm=-31"], "(0, -31) mm lies outside the plate"),
    "negative duration": ([*CRAWL, "duration_s=-1"], "duration_s must be a number above 0, not -1"),
    "zero duration": ([*CRAWL, "duration_s=0"], "above 0"),
    "NaN duration": ([*CRAWL, "duration_s=nan"], "not nan"),
    "endless duration": ([*CRAWL, "duration_s=inf"], "not inf"),
    "duration word": ([*CRAWL, "duration_s=long"], "duration_s"),
    "no episodes": ([*CRAWL, "episodes=0"], "episodes must be a whole number of at least 1"),
    "seed": ([*CRAWL, "seed=1.5"], "seed must be a whole number"),
    "negative seed": ([*CRAWL, "seed=-1"], "seed"),
    "video": ([*CRAWL, "video=maybe"], "video must be true or false"),
    "clock": ([*CRAWL, "clock.control_s=0.0031"], "clock.control_s=0.0031 must be an integer multiple"),
    "record clock": ([*CRAWL, "clock.record_s=0.025", "clock.control_s=0.01"], "clock.record_s"),
    "slow clock": ([*CRAWL, "clock.physics_s=0.1"], "clock.control_s"),
    "negative clock": ([*CRAWL, "clock.physics_s=-0.001"], "clock.physics_s must be a number above 0"),
    "brain clock": ([*CRAWL, "clock.brain_substeps=0"], "clock.brain_substeps"),
    "window turned round": ([*CRAWL, "perturb.silence=[{neurons:[AVA],start_s:8,stop_s:5}]"], "later than"),
    "window after the end": (
        [*CRAWL, "perturb.silence=[{neurons:[AVA],start_s:70,stop_s:80}]"],
        "after the end",
    ),
    "negative window": ([*CRAWL, "perturb.silence=[{neurons:[AVA],start_s:-1,stop_s:5}]"], "start_s"),
    "window key": (
        [*CRAWL, "perturb.silence=[{neuron:[AVA],start_s:0,stop_s:5}]"],
        "nearest: perturb.silence.neurons",
    ),
    "no current": ([*CRAWL, "perturb.stimulate=[{neurons:[AVA],start_s:0,stop_s:5}]"], "current_pA"),
    "window word": ([*CRAWL, "perturb.silence=AVA"], "list"),
    "scale": ([*CRAWL, "perturb.scale_gap_junctions=-1"], "perturb.scale_gap_junctions"),
    "swap": ([*CRAWL, "perturb.swap=[ASEL]"], "pairs"),
    "ablate number": ([*CRAWL, "perturb.ablate=3"], "unknown neuron or class '3'"),
    "brackets": ([*CRAWL, "perturb.ablate=[ASEL"], "cannot read"),
    "no equals sign": ([*CRAWL, "seed"], "key=value"),
    "commas without brackets": ([*CRAWL, "seed=0,1"], "--multirun"),
    "added key": ([*CRAWL, "+speed=3"], "plain key=value"),
    "config dir": ([*CRAWL, "--config-dir", "/nowhere"], "/nowhere"),
    "config dir without value": ([*CRAWL, "--config-dir"], "expected one argument"),
    "output below a file": ([*CRAWL, "output=/dev/null/here"], "cannot write output="),
    "output not allowed": ([*CRAWL, "output=/proc/here"], "cannot write output="),
    "fit": (["fit", "fit=worm_craw"], "unknown fit 'worm_craw'"),
    "no fit": (["fit"], "fit=NAME"),
    "list": (["list", "bodys"], "nearest: bodies"),
    "recording": (["video", "simulation=/nowhere"], "/nowhere"),
    "no recording": (["video", "episode=1"], "simulation=DIR"),
    "empty folder": (["video", "simulation=/tmp", "episode=123"], "episode_123.nc"),
    "negative episode": (["video", "simulation=/tmp", "episode=-1"], "episode"),
    "video key": (["video", "simulatoin=/tmp"], "nearest: simulation"),
    "replay without a file": (["replay", "body=larval_fish"], "file="),
    "replay key": (["replay", "files=a.npz"], "nearest: file"),
    "replay of nothing": (
        ["replay", "file=/nowhere.npz", "body=larval_fish", "environment=optomotor_tank"],
        "/nowhere.npz",
    ),
    "replay step": (
        ["replay", f"file={__file__}", "body=larval_fish", "environment=optomotor_tank", "physics_s=-1"],
        "physics_s",
    ),
    "replay half a bout": (
        ["replay", "file=a.npz", "body=larval_fish", "environment=optomotor_tank", "bouts=1.5"],
        "bouts must be one whole number or several in brackets, not 1.5",
    ),
    "replay of a name": (
        ["replay", "file=larva_replay", "body=larval_fish", "environment=optomotor_tank"],
        "nearest: larva_replay_bouts",
    ),
    "wavelength": (
        [*TANK, "environment.stimulus.wavelength_mm=0"],
        "wavelength_mm must be a number above 0, not 0",
    ),
    "negative contrast": ([*TANK, "environment.stimulus.contrast=-0.2"], "between 0 and 1, not -0.2"),
    "contrast": (
        [*TANK, "environment.stimulus.contrast=1.5"],
        "contrast must be a number between 0 and 1, not 1.5",
    ),
    "NaN direction": (
        [*TANK, "environment.stimulus.direction=nan"],
        "stimulus.direction must be a finite number",
    ),
    "direction": ([*TANK, "environment.stimulus.direction=lef"], "nearest: left"),
    "grating of one eye": ([*TANK, "environment.stimulus.left.wavelength_mm=-3"], "wavelength_mm"),
    "grating key": ([*TANK, "environment.stimulus.wavelenth_mm=3"], "environment.stimulus.wavelength_mm"),
    "grating speed": (
        [*TANK, "environment.stimulus.speed_mm_s=-3"],
        "speed_mm_s must be a number of at least 0",
    ),
    "fish experiment": (["run", "experiment=fish_optomoto"], "nearest: fish_optomotor"),
    "fish grating": (
        [*FLOW, "environment.stimulus.wavelength_mm=0"],
        "wavelength_mm must be a number above 0, not 0",
    ),
    "NaN current": ([*FLOW, "environment.medium.current_mm_s=[1,nan,0]"], "current_mm_s"),
    "flat current": ([*FLOW, "environment.medium.current_mm_s=[1,2]"], "current_mm_s"),
    "current as a speed": (
        [*FLOW, "environment.medium.current_mm_s=-3"],
        "current_mm_s must be 3 numbers in brackets, not -3",
    ),
    "negative viscosity": ([*FLOW, "environment.medium.viscosity_mg_mm_s=-1"], "viscosity_mg_mm_s"),
    "population": ([*FLOW, "perturb.ablate=[nMFL]"], "nearest: nMLF"),
    "ablated neuron": ([*CRAWL, "perturb.ablate=AVAX"], "nearest: AVA"),
    "ablated class": ([*CRAWL, "perturb.ablate=[ASE,AVQX]"], "unknown neuron"),
    "silenced neuron": ([*CRAWL, "perturb.silence=[{neurons:[ASL],start_s:0,stop_s:5}]"], "unknown neuron"),
    "swapped neuron": ([*CRAWL, "perturb.swap=[ASEL,ASERR]"], "nearest: ASER"),
    "shuffled type": ([*CRAWL, "perturb.shuffle_wiring=[sensery]"], "nearest: sensory"),
}


def check(capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    code = main.main(arguments)
    output, errors = capsys.readouterr()
    assert errors.count("\n") == 1 and errors.startswith("neuromech: "), errors
    assert says in errors
    assert code == 2 and output == ""


@pytest.mark.parametrize(("arguments", "says"), BAD.values(), ids=BAD)
def test_bad_input(
    arguments: list[str],
    says: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    check(capsys, arguments, says)


BAD_FILES = {
    "malformed experiment": ("configs/experiment/mine.yaml", "body: [worm", "mine.yaml: line"),
    "tab in environment": (
        "environments/agar_salt/environment.yaml",
        "name:\n\t- x",
        "environment.yaml: line",
    ),
    "empty body": ("bodies/worm/body.yaml", "- 1\n", "body.yaml: must hold"),
    "open interpolation": (
        "environments/agar_salt/environment.yaml",
        "name: ${nobody}",
        "nothing is looked up",
    ),
}


@pytest.mark.parametrize(("file", "text", "says"), BAD_FILES.values(), ids=BAD_FILES)
def test_bad_yaml(
    file: str, text: str, says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "configs/experiment").mkdir(parents=True)
    (tmp_path / "configs/experiment/mine.yaml").write_text(
        "# @package _global_\nbody: worm\nenvironment: {name: agar_salt}\n"
        "controller: {name: worm_connectome}\n"
    )
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    check(capsys, ["run", "experiment=mine", "--config-dir", str(tmp_path / "configs")], says)


# file, what its second line becomes, what the message must say
BAD_TABLES = {
    "NaN weight": ("connections.csv", ("weight", "nan"), "weight"),
    "word as weight": ("connections.csv", ("weight", "many"), "weight"),
    "negative weight": ("connections.csv", ("weight", "-3"), "weight"),
    "sign": ("connections.csv", ("sign", "7"), "sign"),
    "kind of connection": ("connections.csv", ("kind", "chemicl"), "chemical"),
    "from an unknown neuron": ("connections.csv", ("pre", "AVAX"), "AVA"),
    "onto an unknown neuron": ("connections.csv", ("post", "AVAX"), "AVA"),
    "neuron named twice": ("neurons.csv", ("name", None), "is already on "),
}


@pytest.mark.parametrize(("file", "change", "says"), BAD_TABLES.values(), ids=BAD_TABLES)
def test_bad_connectome(
    file: str,
    change: tuple[str, str | None],
    says: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    repository: Path,
) -> None:
    folder = tmp_path / "controllers/worm_connectome"
    shutil.copytree(repository / "controllers/worm_connectome", folder)
    (tmp_path / "configs").mkdir()
    lines = (folder / file).read_text().splitlines()
    column, value = change
    cells = lines[1].split(",")
    at = lines[0].split(",").index(column)
    cells[at] = lines[2].split(",")[at] if value is None else value
    (folder / file).write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n")
    arguments = [*CRAWL, f"output={tmp_path / 'out'}", "--config-dir", str(tmp_path / "configs")]
    code = main.main(arguments)
    errors = capsys.readouterr().err
    assert code == 2 and errors.count("\n") == 1, errors
    assert says in errors and file in errors


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "neuromech", *arguments]


def _environment(repository: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(repository)}


def test_the_program_itself_prints_one_line(tmp_path: Path, repository: Path) -> None:
    done = subprocess.run(
        _command(*CRAWL, "episodes=0"),
        cwd=tmp_path,
        env=_environment(repository),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "neuromech: episodes must be a whole number of at least 1, not 0\n"
    assert not list(tmp_path.iterdir())


def _wait_for_rows(folder: Path, run: subprocess.Popen[str]) -> None:
    """Return once the recording has grown twice: then rows are on disk and the loop is well under way."""
    deadline, sizes = time.monotonic() + 300, set()
    while len(sizes) < 3:
        assert run.poll() is None, run.communicate()[1]
        assert time.monotonic() < deadline, f"no rows within five minutes; sizes seen: {sizes}"
        sizes |= {file.stat().st_size for file in folder.glob(".episode_000.nc.part")}
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(signal.SIGINT, 130, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, 143, id="SIGTERM", marks=pytest.mark.thorough),
    ],
)
def test_an_interrupted_run_keeps_its_recording(
    number: int, code: int, tmp_path: Path, repository: Path
) -> None:
    from neuromech import recording

    folder = tmp_path / "out"
    run = subprocess.Popen(
        _command(
            "run", "experiment=worm_crawl", "duration_s=3000", "video=false", "--quiet", f"output={folder}"
        ),
        cwd=tmp_path,
        env=_environment(repository),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_for_rows(folder, run)
        run.send_signal(number)
        _, errors = run.communicate(timeout=60)
    finally:
        run.kill()
    assert run.returncode == code, errors
    assert "Traceback" not in errors and errors.count("\n") == 1
    assert recording.load(folder / "episode_000.nc").sizes["time"] > 1
    summary = json.loads((folder / "summary.json").read_text())
    assert "interrupt" in summary["episodes"][0]["terminated"]
