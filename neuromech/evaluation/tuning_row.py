"""Direction tuning as a row: which moving edges a cell type of a trained optic lobe prefers."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from neuromech._lib.errors import InputError, unknown
from neuromech.brain.encoders import contrast_gain, optic_lobe
from neuromech.brain.encoders.optic_lobe import Learned
from neuromech.evaluation.episode_values import Values
from neuromech.evaluation.questions import Question
from neuromech.senses.eye import lattice
from neuromech.specs import content
from neuromech.specs.controller import ControllerSpec, WiredSpec
from neuromech.specs.encoder_keys import ContrastGainSpec
from neuromech.training.direction_tuning import Tuning, tuning

LEAST = 1e-9
"""What a response is divided by where there is none at all."""


def answer(question: Question, seed: int) -> Values:
    """Return to which edges a cell type responds.

    preferred_deg, selectivity: of the edges that it should answer; None and 0 if it is silent. off_deg: how
    far the preferred direction is from the wanted one. own_over_other: its largest response to these edges
    over that to the others; 0 if it is silent.

    Raises
    ------
    InputError
        The controller has no trained optic lobe, or there is no such type.
    """
    spec = question.row.tuning
    assert spec is not None
    controller = question.run(seed).controller
    folders = controller.folders
    file = next((each / spec.lobe for each in reversed(folders) if (each / spec.lobe).is_file()), None)
    if file is None:
        raise InputError(f"the controller has no {spec.lobe}: it has no trained optic lobe")
    shuffle = _seed_of(file) if spec.shuffled else None
    both = _measured(file, shuffle, _gain(controller), spec.cells, spec.radius, spec.columns_per_s)
    own, other = both if spec.edges == "bright" else both[::-1]
    if own.preferred_deg is None:
        return {"preferred_deg": None, "selectivity": 0.0, "off_deg": None, "own_over_other": 0.0}
    off = abs((own.preferred_deg - spec.direction_deg + 180) % 360 - 180)
    ratio = float(own.responses.max() / max(float(other.responses.max()), LEAST))
    return {
        "preferred_deg": own.preferred_deg,
        "selectivity": own.selectivity,
        "off_deg": off,
        "own_over_other": ratio,
    }


def _gain(controller: ControllerSpec) -> ContrastGainSpec | None:
    """Return the gain control through which the controller's lobes see; None without one."""
    entries = controller.encoding.values() if isinstance(controller, WiredSpec) else ()
    return next((each.options["contrast_gain"] for each in entries if each.kind == "optic_lobe"), None)


def _seed_of(file: Path) -> int:
    """Return the seed of the shuffled wiring on which something was learned."""
    fits = content.read_yaml(file).get("fits") or []
    if not fits or not isinstance(fits[-1].get("seed"), int):
        raise InputError(f"{file} does not say the seed of the fit that it is from")
    return fits[-1]["seed"]


@lru_cache(maxsize=64)
def _measured(
    file: Path,
    shuffle: int | None,
    gain: ContrastGainSpec | None,
    cells: str,
    radius: int,
    columns_per_s: float,
) -> tuple[Tuning, Tuning]:
    """Return the tuning of a cell type to bright and to dark edges."""
    learned = content.read_yaml(file)["optic_lobe"]
    table = optic_lobe.read(file.parent / "optic_lobe.csv")
    if cells not in table.types:
        raise unknown("cell type", cells, table.types)
    table = table if shuffle is None else table.shuffled(shuffle)
    columns = lattice.hexagon(radius)
    lobe = Learned(table, optic_lobe.build(table, learned, columns), float(learned["frame_s"]))
    control = None if gain is None else contrast_gain.build(gain, columns)
    types, places = table.numbers([cells]), lattice.places(columns)
    bright, dark = (tuning(lobe, control, places, types, edges, columns_per_s)[0] for edges in (True, False))
    return bright, dark
