"""A scheduler with two workers that are threads of this process: the same path as a cluster, and quick."""

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("distributed", reason="the extra evaluate is not installed")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """The cluster; its `scheduler_address` is what `evaluate(cluster=...)` takes."""
    from distributed import LocalCluster

    made = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0", memory_limit=None
    )
    yield made
    made.close()


@pytest.fixture
def client(cluster: Any) -> Iterator[Any]:
    """A client of it."""
    from distributed import Client

    with Client(cluster, set_as_default=False) as made:
        yield made
