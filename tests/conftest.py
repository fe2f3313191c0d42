"""Switch the shape and type checks on, and keep graphics, accelerators and fetched files out of the tests.

A test sees recorded animals and wirings that do not come with the program only if it asks for the fixture
`data`; it then has the marker `data`, too. All others do the same on every machine.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests import runtime_checks

os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

# Workers of pytest-xdist share the cores, so that none of them needs threads of its own.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# What one worker or one process that a test starts has compiled, the others read.
KEPT = Path(__file__).resolve().parent.parent / ".pytest_cache"
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(KEPT / "jax"))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")

DATA = "NEUROMECH_TEST_DATA"
"""Workers inherit the environment, in which the folder of the user has this other name."""
if "NEUROMECH_DATA" in os.environ:
    os.environ[DATA] = os.environ.pop("NEUROMECH_DATA")
os.environ["NEUROMECH_CACHE"] = str(KEPT / "neuromech")

# An example's time says how busy the machine is, and nothing about the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

runtime_checks.install()

import neuromech  # noqa: E402, F401  (it says where numba keeps its cache, so it comes before numba)

runtime_checks.spare_kernels()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests whose outcome depends on the recorded animals."""
    for item in items:
        if "data" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.data)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout these tests stand in."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of recorded animals; tests that need it skip where it is absent."""
    folder = os.environ.get(DATA)
    how = "it names a folder of the files that 'neuromech data list' lists, which says how to get each"
    if not folder:
        pytest.skip(f"NEUROMECH_DATA is not set; {how}")
    if not Path(folder).is_dir():
        pytest.skip(f"NEUROMECH_DATA={folder} is not there; {how}")
    return Path(folder)


@pytest.fixture(autouse=True)
def _data_for_those_who_ask(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program find the recorded animals, too, while a test runs that asked for them."""
    if "data" in request.fixturenames:
        monkeypatch.setenv("NEUROMECH_DATA", str(request.getfixturevalue("data")))


@pytest.fixture
def two_workers(repository: Path, tmp_path: Path) -> Iterator[Any]:
    """A scheduler and two workers, processes of their own as on a cluster: address and workers."""
    pytest.importorskip("distributed", reason="the extra evaluate is not installed")
    from tests.cluster_processes import scheduler_and_workers

    with scheduler_and_workers(repository, tmp_path) as found:
        yield found
