"""What the row of the swept drive asks of a mouse."""

from pathlib import Path

import numpy as np
import pytest

from neuromech.tracking.trackers import gait
from tests import scripts
from tests.walker import GAITS, walker

FILE = Path(__file__).resolve().parents[3] / "docs" / "validation" / "scripts" / "mouse_controls.py"


@pytest.mark.parametrize(("upright", "rises"), [(True, 1.0), (False, 0.0)])
def test_a_mouse_that_only_trots_faster_does_not_walk(upright: bool, rises: float) -> None:
    module = scripts.load(FILE)
    trot = walker(GAITS["trot"], seconds=32.0)
    points = trot["landmarks"]
    points[..., 0] += 2.0 * points["time"] ** 2  # it speeds up
    alpha = np.array([[0.0, 0.1], [2.0, 0.1], [32.0, 0.7]])
    found = module.while_swept(gait.analyse(trot.sel(time=slice(2.0, None))), alpha, upright)
    assert found == {"walks_early": 0.0, "trots_late": 1.0, "walks_first": 0.0, "rises": pytest.approx(rises)}
