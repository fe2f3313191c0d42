"""The worm's brain, made as a test asks."""

from __future__ import annotations

import copy
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from neuromech.controllers import connectome
from neuromech.controllers.connectome import ConnectomeController
from neuromech.specs import content
from neuromech.specs.perturb import Perturb
from neuromech.world import body as bodies
from neuromech.world.body import Body
from tests.controllers.worm import CLOCK, FOLDER, NONE, Make


@pytest.fixture(scope="module")
def body() -> Body:
    return bodies.load(content.load("bodies", "worm"))


@pytest.fixture(scope="module")
def parameters() -> dict[str, Any]:
    """The committed parameters, with what the tests rely on set here: noise, and sensory currents."""
    found = content.read_yaml(FOLDER / "parameters.yaml")["parameters"]
    found["noise_pA"] = {"*": 2.0}
    found["salt"] |= {"on_pA": 30.0, "off_pA": 20.0}
    found["touch"] |= {"current_pA": 25.0}
    return found


@pytest.fixture(scope="module")
def make(body: Body, parameters: dict[str, Any]) -> Make:
    def build(
        perturb: Perturb = NONE, seed: int = 0, folder: Path = FOLDER, **changes: Any
    ) -> ConnectomeController:
        spec = replace(content.wired("worm_connectome"), folders=(folder,))
        return connectome.build(spec, body, CLOCK, perturb, seed, copy.deepcopy(parameters) | changes)

    return build


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the worm's controller, to be spoilt."""
    return Path(shutil.copytree(FOLDER, tmp_path / "copy"))
