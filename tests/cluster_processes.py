"""A scheduler of Dask and two workers, processes of their own as on a cluster, for tests that kill one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE_S = 240
"""Longer than anything takes here on a machine that does much else."""


def wait(until: Callable[[], Any], what: str) -> None:
    began = time.monotonic()
    while not until():
        assert time.monotonic() - began < PATIENCE_S, f"waited too long until {what}"
        time.sleep(0.05)


def environment(repository: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(repository)}


@contextmanager
def scheduler_and_workers(
    repository: Path, folder: Path
) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Give the address of a scheduler, and its two workers."""
    told = folder / "scheduler.json"
    common = {"env": environment(repository), "stderr": subprocess.DEVNULL, "cwd": folder}
    options = ["--scheduler-file", str(told), "--no-dashboard"]
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny"]
    processes = [subprocess.Popen([*scheduler, *options], **common)]
    try:
        wait(told.is_file, "the scheduler is there")
        wait(lambda: told.read_text().strip().endswith("}"), "it has told its address")
        workers = [subprocess.Popen([*worker, *options], **common) for _ in range(2)]
        processes += workers
        yield json.loads(told.read_text())["address"], workers
    finally:
        for each in processes:
            each.kill()
            each.wait()


def slow_square(folder: Path, value: int) -> int:
    """What a worker is asked for; a file says that it has begun."""
    (folder / f"{value}_{os.getpid()}").touch()
    time.sleep(0.5)
    return value**2
