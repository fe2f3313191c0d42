"""Switch the shape and type checks on, and keep graphics and accelerators out of the tests."""

import os
from pathlib import Path

import hypothesis
import jaxtyping
import pytest

from tests import runtime_checks

os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

# An example's time says how busy the machine is, and nothing about the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

jaxtyping.install_import_hook("neuromech", "tests.runtime_checks.check")

import neuromech  # noqa: E402, F401  (it says where numba keeps its cache, so it comes before numba)

runtime_checks.spare_kernels()


HOW = "it names a folder of the files that 'neuromech data list' lists, which says how to get each"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout these tests stand in."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of recorded animals; tests that need it skip where it is absent."""
    folder = os.environ.get("NEUROMECH_DATA")
    if not folder:
        pytest.skip(f"NEUROMECH_DATA is not set; {HOW}")
    if not Path(folder).is_dir():
        pytest.skip(f"NEUROMECH_DATA={folder} is not there; {HOW}")
    return Path(folder)
