"""Tasks of workers: results in order, a worker that is killed, and a fit and a sweep that are done so."""

from __future__ import annotations

import inspect
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neuromech
from neuromech import InputError
from neuromech._lib import dask_cluster
from neuromech._lib.dask_work import Work, gathered
from neuromech.cli.main import main
from neuromech.experiment import sweep as sweeps
from neuromech.experiment.sweep import sweep
from neuromech.training import fit
from tests.cluster_processes import slow_square, wait
from tests.training.test_fit import _Here, settings_of

distributed = pytest.importorskip("distributed", reason="the extra evaluate is not installed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of two workers that are threads of this process."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0", memory_limit=None
    ) as made:
        yield made.scheduler_address


def nap(nap_s: float) -> None:
    """Sleep."""
    time.sleep(nap_s)


def costs(folder: Path) -> np.ndarray:
    with np.load(folder / "history.npz") as file:
        return file["costs"]


def alone(settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Do a fit in this process, as if there were no Dask."""
    context = type("Context", (), {"Pool": staticmethod(_Here)})
    monkeypatch.setattr(fit.multiprocessing, "get_context", lambda kind: context)
    monkeypatch.setattr(fit.dask_cluster, "installed", lambda: False)
    fit.run_fit(settings, progress=False)


@pytest.mark.thorough
def test_a_worker_that_is_killed_loses_only_its_task(two_workers: Any, tmp_path: Path) -> None:
    address, workers = two_workers
    work = tmp_path / "work"
    work.mkdir()

    def begun(worker: Any) -> bool:
        return any(file.name.endswith(f"_{worker.pid}") for file in work.iterdir())

    def kill() -> None:
        wait(lambda: all(map(begun, workers)), "both work")
        workers[0].kill()

    killer = threading.Thread(target=kill)
    killer.start()
    with dask_cluster.client(address, None) as client:
        found = gathered(client, slow_square, [(work, value) for value in range(6)], "square")
    killer.join()
    assert found == [0, 1, 4, 9, 16, 25] and workers[0].wait() == -signal.SIGKILL


@pytest.mark.thorough
def test_a_fit_by_workers_is_the_one_in_this_process(
    cluster: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit.run_fit(settings_of(tmp_path / "dask", 2, cluster=cluster), progress=False)
    alone(settings_of(tmp_path / "alone", 2), monkeypatch)
    assert np.array_equal(costs(tmp_path / "dask"), costs(tmp_path / "alone"))


@pytest.mark.slow
def test_a_worker_that_is_killed_in_a_generation_of_a_fit_changes_nothing(
    two_workers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, workers = two_workers
    before: list[bool] = []

    def kill() -> None:
        with distributed.Client(address, set_as_default=False) as client:
            wait(lambda: len(client.processing()) == 2 and all(client.processing().values()), "both work")
            workers[0].kill()
            before.append(not (tmp_path / "dask" / "history.npz").exists())

    killer = threading.Thread(target=kill)
    killer.start()
    fit.run_fit(settings_of(tmp_path / "dask", 2, cluster=address), progress=False)
    killer.join()
    assert workers[0].wait() == -signal.SIGKILL and before == [True]
    alone(settings_of(tmp_path / "alone", 2), monkeypatch)
    assert np.array_equal(costs(tmp_path / "dask"), costs(tmp_path / "alone"))


@pytest.mark.thorough
def test_a_sweep_by_workers_is_what_runs_by_themselves_are(cluster: str, tmp_path: Path) -> None:
    drag = "environment.medium.normal_mg_s"
    found = sweep(
        "worm_crawl", {drag: [32000, 64000]}, duration_s=0.3, cluster=cluster, output=tmp_path / "a"
    )
    one = neuromech.run("worm_crawl", duration_s=0.3, output=tmp_path / "b", **{drag: 64000})
    assert [each.folder.name for each in found] == ["0", "1"]
    assert np.array_equal(found[1].data["landmarks"], one.data["landmarks"])
    assert not np.array_equal(found[0].data["landmarks"], one.data["landmarks"])


def test_the_command_hands_a_sweep_to_a_cluster(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def play(runs: Any, folder: Path, **where: Any) -> list[Any]:
        seen.append(([run.seed for run in runs], folder, where))
        return []

    monkeypatch.setattr(sweeps, "play", play)
    words = ["run", "experiment=worm_crawl", "video=false", "seed=0,1", "--multirun", "--quiet"]
    assert main([*words, f"output={tmp_path}", "cluster=tcp://127.0.0.1:9"]) == 0
    assert seen == [([0, 1], tmp_path, {"cluster": "tcp://127.0.0.1:9", "progress": False})]
    assert main([*words, "cluster=slrum"]) == 2
    assert "unknown cluster 'slrum'; nearest: slurm" in capsys.readouterr().err


def test_a_sweep_of_nothing_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="over: seed must be a list of values, not 3"):
        inspect.unwrap(sweep)("worm_crawl", {"seed": 3}, output=tmp_path)
    with pytest.raises(InputError, match="over: seed must be a list of values, not '0,1'"):
        sweep("worm_crawl", {"seed": "0,1"}, output=tmp_path)


def test_tasks_wait_here_and_not_with_a_worker_that_may_be_late(cluster: str) -> None:
    with dask_cluster.client(cluster, None) as client:
        work: Work[int] = Work(client)
        for number in range(6):
            work.add(number, nap, 0.1, name=f"nap-{number}", priority=number)
        held = [max(map(len, client.processing().values())) for _ in work.finished()]
    assert len(held) == 6 and max(held) == 1


def test_workers_that_do_not_start_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(**given: Any) -> None:
        raise RuntimeError("Nanny failed to start.")

    monkeypatch.setattr(distributed, "LocalCluster", failing)
    told = "^the workers could not be started on this machine: Nanny failed to start.$"
    with pytest.raises(InputError, match=told), dask_cluster.client(None, 1):
        pass
