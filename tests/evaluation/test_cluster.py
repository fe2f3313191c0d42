"""Kills in the middle: of a worker, of the command, by Ctrl-C. What was finished is not played again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from neuromech import InputError
from neuromech._lib import dask_cluster
from neuromech.evaluation.evaluate import evaluate
from neuromech.specs.yaml_files import dump_yaml
from tests.cluster_processes import PATIENCE_S, environment, wait

SEEDS = 3


def tree() -> dict[str, Any]:
    """Return an evaluation of three short rows."""
    rows = {
        f"crawl_{k}": {
            "title": f"crawl, {k}",
            "kind": "behaviour",
            "run": {"experiment": "worm_crawl", "duration_s": 20 + k},
            "measure": [{"metric": "speed_mm_s", "at_least": 0.1}],
        }
        for k in range(3)
    }
    return {"title": "Short", "seeds": SEEDS, "rows": rows}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "short.yaml"
    path.write_text(dump_yaml(tree()))
    return path


def kept(folder: Path) -> dict[str, list[str]]:
    """Return the seeds that lie in a folder of results, by file."""
    files = sorted((folder / "results").glob("*.json"))
    return {each.name: sorted(json.loads(each.read_text())["seeds"]) for each in files}


@pytest.mark.thorough
def test_a_worker_that_is_killed_loses_only_its_task(
    two_workers: tuple[str, list[subprocess.Popen[bytes]]], file: Path, tmp_path: Path
) -> None:
    address, workers = two_workers
    output = tmp_path / "card"

    def kill() -> None:
        wait(lambda: kept(output), "something is finished")
        workers[0].kill()

    killer = threading.Thread(target=kill)
    killer.start()
    card = evaluate(str(file), cluster=address, output=output)
    killer.join()
    assert workers[0].wait() == -signal.SIGKILL and workers[1].poll() is None
    assert card.played == 3 * SEEDS
    assert all(each == ["0", "1", "2"] for each in kept(output).values()) and len(kept(output)) == 3
    assert card.card().share().passed == 3


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill -9"])
def test_an_evaluation_that_ends_goes_on(
    number: signal.Signals, file: Path, tmp_path: Path, repository: Path, cluster: Any
) -> None:
    output = tmp_path / "card"
    command = [sys.executable, "-m", "neuromech", "evaluate", f"evaluation={file}", f"output={output}"]
    # A session of its own: Ctrl-C of a terminal reaches the workers, too.
    running = subprocess.Popen(
        [*command, "workers=2"], env=environment(repository), stderr=subprocess.PIPE, cwd=tmp_path,
        start_new_session=True,
    )  # fmt: skip
    wait(lambda: kept(output) or running.poll() is not None, "something is finished")
    os.killpg(running.pid, number) if number == signal.SIGINT else running.kill()
    _, said = running.communicate(timeout=PATIENCE_S)
    if number == signal.SIGINT:
        assert running.returncode == 130
        assert said.decode().splitlines() == ["neuromech: interrupted; what was recorded so far is kept"]
    before = kept(output)
    assert before and sum(map(len, before.values())) < 3 * SEEDS
    wait(lambda: not alive(running.pid), "the workers have ended")
    card = evaluate(str(file), cluster=cluster.scheduler_address, output=output)
    assert card.played == 3 * SEEDS - sum(map(len, before.values()))
    assert evaluate(str(file), output=output).played == 0


def alive(session: int) -> bool:
    """Whether a process of a session is still there."""
    found = subprocess.run(["ps", "-o", "stat=", "-s", str(session)], capture_output=True, text=True)
    return any(line and not line.startswith("Z") for line in found.stdout.split())


@pytest.mark.parametrize(
    ("cluster", "workers", "said"),
    [
        ("slrum", None, "unknown cluster 'slrum'; nearest: slurm"),
        (None, 0, "workers must be a whole number of at least 1, not 0"),
        (None, True, "workers must be a whole number of at least 1, not True"),
        ("tcp://127.0.0.1:9", 2, "workers are those of the scheduler"),
    ],
)
def test_a_cluster_that_makes_no_sense_is_one_line(
    cluster: Any, workers: Any, said: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=said):
        evaluate("worm", cluster=cluster, workers=workers, output=tmp_path)


def test_a_scheduler_that_does_not_answer_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dask_cluster, "WAIT_S", 1)
    with pytest.raises(InputError, match="cluster=tcp://127.0.0.1:9 does not answer"):
        evaluate("worm", rows=["crawl"], seeds=1, cluster="tcp://127.0.0.1:9", output=tmp_path)


def test_a_queue_without_its_configuration_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("dask_jobqueue")
    with pytest.raises(InputError, match="cluster=slurm: .*jobqueue.yaml says what a job is"):
        evaluate("worm", rows=["crawl"], seeds=1, cluster="slurm", output=tmp_path)


def test_a_job_of_a_queue_is_as_its_configuration_says(tmp_path: Path) -> None:
    """What dask-jobqueue hands to SLURM: one core, the memory that was asked for, the queue."""
    pytest.importorskip("dask_jobqueue")
    import dask

    said = {"cores": 1, "memory": "4GB", "queue": "short", "processes": 1, "walltime": "00:30:00"}
    with dask.config.set({"jobqueue.slurm": {**dask.config.get("jobqueue.slurm"), **said}}):
        from dask_jobqueue import SLURMCluster

        script = SLURMCluster.job_cls("tcp://127.0.0.1:1", name="x", config_name="slurm").job_script()
    assert "#SBATCH -p short" in script and "#SBATCH -t 00:30:00" in script and "--nthreads 1" in script
