"""What the tests of neuron models share."""

from collections.abc import Iterator

import jax
import pytest


@pytest.fixture
def double() -> Iterator[None]:
    """Double precision, so that integration errors are not hidden by rounding."""
    with jax.enable_x64(True):
        yield
