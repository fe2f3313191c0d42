"""Where evaluations, sweeps and fits are worked out: by `dask.distributed`, on this machine or on a cluster.

There is one way, whatever the number of workers: tasks are handed to a scheduler. By default it is started
here, with one worker for each core and nothing that listens to other machines.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.numbers import whole
from neuromech._lib.one_thread import ONE_THREAD

if TYPE_CHECKING:
    from distributed import Client

LOCAL = "local"
QUEUES = {
    "slurm": "SLURMCluster", "pbs": "PBSCluster", "sge": "SGECluster", "lsf": "LSFCluster",
    "htcondor": "HTCondorCluster", "oar": "OARCluster", "moab": "MoabCluster",
}  # fmt: skip
"""Queueing systems, and the class of dask-jobqueue that speaks to each."""
PROTOCOLS = ("tcp://", "tls://", "ucx://", "inproc://")
"""How the address of a scheduler begins."""
WORKERS = {**ONE_THREAD, "MPLBACKEND": "agg"}
"""Variables of a worker, of which there is one for each core."""
BLIND = {"MUJOCO_GL": "disable"}
"""Variables of a worker that draws nothing."""
WAIT_S = 60
"""How long a scheduler that was named is waited for, s."""
CLOSE_S = 5
"""How long workers may take to end, s; they are killed then, and lose nothing that was finished."""
ADVICE = "workers need the extra evaluate: pip install 'neuromech[evaluate]'"


def installed() -> bool:
    """Whether the libraries are there."""
    return find_spec("distributed") is not None


@contextmanager
def client(cluster: str | None, workers: int | None, draws: bool = False) -> Iterator[Client]:
    """Give a client of the workers, which are ended afterwards if they were started here.

    Parameters
    ----------
    cluster : None or "local" for this machine, `tcp://HOST:PORT` for a scheduler that runs, or the name of a
        queueing system, whose jobs are as the configuration file of dask-jobqueue says.
    workers : how many are started; as many as there are cores, or jobs asked for, if left out.
    draws : whether those that are started here make videos.

    Raises
    ------
    InputError
        The libraries are missing, the cluster has no such name or does not answer, or no worker starts here.
    """
    try:
        import distributed
    except ImportError:
        raise InputError(ADVICE) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    own = _started(cluster, workers, WORKERS if draws else {**WORKERS, **BLIND})
    address: Any = own if own is not None else cluster
    try:
        try:
            found = distributed.Client(address, timeout=WAIT_S, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise InputError(f"cluster={cluster} does not answer: {' '.join(str(error).split())}") from None
        try:
            yield found
        finally:
            with suppress(Exception):  # what is finished is on disk; how workers end is no matter
                found.close(timeout=CLOSE_S)
    finally:
        if own is not None:
            with suppress(Exception):
                own.close(timeout=CLOSE_S)


def check(cluster: Any, workers: Any) -> None:
    """Refuse a cluster or a number of workers that makes no sense, before anything is started.

    Raises
    ------
    InputError
        Says which.
    """
    if workers is not None:
        whole("workers", workers, least=1)
    if cluster is None:
        return
    if not isinstance(cluster, str):
        raise InputError(f"cluster must be text, as {LOCAL} or tcp://HOST:PORT, not {cluster!r:.60}")
    if cluster.startswith(PROTOCOLS):
        if workers is not None:
            raise InputError("workers are those of the scheduler: leave workers out, or cluster")
    elif cluster != LOCAL and cluster not in QUEUES:
        raise unknown("cluster", cluster, (LOCAL, *QUEUES, "tcp://HOST:PORT"))


def _started(cluster: str | None, workers: int | None, variables: Mapping[str, str]) -> Any:
    """Return a cluster that was started here, None if one is named that runs."""
    if cluster in (None, LOCAL):
        from distributed import LocalCluster

        try:
            with _ctrl_c_is_ours():
                return LocalCluster(
                    n_workers=workers or os.cpu_count() or 1,
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address="127.0.0.1:0",  # no fixed port: several may run
                    host="127.0.0.1",
                    memory_limit=None,
                    silence_logs=logging.CRITICAL,
                    env=dict(variables),
                )
        except (OSError, RuntimeError, TimeoutError) as error:  # no memory, no processes, no ports
            said = " ".join(str(error).split())
            raise InputError(f"the workers could not be started on this machine: {said}") from None
    if cluster in QUEUES:
        return _queued(str(cluster), workers)
    return None


@contextmanager
def _ctrl_c_is_ours() -> Iterator[None]:
    """Let processes that are started meanwhile not be interrupted: Ctrl-C of a terminal reaches all of them.

    They inherit that the signal is held back, also those that are started later by threads begun now. Here it
    arrives afterwards.
    """
    # Its own start would let the signal through again in the thread in which it happens.
    resource_tracker.ensure_running()
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _queued(name: str, workers: int | None) -> Any:
    """Return a cluster of jobs of a queueing system.

    Cores, memory, queue and account stand in the user's ~/.config/dask/jobqueue.yaml.
    """
    try:
        import dask_jobqueue
    except ImportError:
        raise InputError(f"cluster={name}: {ADVICE}") from None
    try:
        made = getattr(dask_jobqueue, QUEUES[name])()
        made.scale(jobs=workers or 1)
    except (ValueError, TypeError, OSError, RuntimeError) as error:
        said = " ".join(str(error).split())
        raise InputError(f"cluster={name}: {said}; ~/.config/dask/jobqueue.yaml says what a job is") from None
    return made
