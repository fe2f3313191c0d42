"""Which neurons a sense drives: the entries of ``encoding`` in controller.yaml.

Every entry has a ``kind`` (one of KINDS), the ``sense`` of body.yaml that it reads, and the keys of its kind.
Its numbers are those of the section of parameters.yaml that bears the entry's name, if nothing else is said.

===================  =============================  =======================================================
kind                 keys                           parameters
===================  =============================  =======================================================
stretch              ``windows`` {name: [from,      ``stretch_pA_mm`` {group:window: gain}, ``reach``
                     to]}                           {window}
on_off               ``rise``, ``fall``: lists of   fast_s, slow_s, floor_<unit>, gain, on_pA, off_pA
                     neurons
touch                ``neurons`` {field of          current_pA, half_<unit>
                     body.yaml: []}
afferent             ``neurons`` {channel of the    threshold, scale (negative: answers what lies
                     sense: []}                     below), both in the unit of the sense, current_pA
odour                ``neurons`` {channel of the    current_pA (of e-fold more), floor_<unit>
                     sense: []}
direction_selective  ``directions_deg`` {name:      in a section ``direction_selective``, the same for all
                     angle}, ``neurons`` {on, off   eyes: adapt_s, delay_s, dark, half_contrast, level_pA
                     or a direction: []}, perhaps   (of ON and OFF), motion_pA
                     ``azimuth_deg``,
                     ``elevation_deg`` [from, to]
optic_lobe           ``neurons`` {cell type: []}    gain_pA in a section ``optic_lobe``, the same for both
                                                    eyes; the cells' own in optic_lobe.yaml
===================  =============================  =======================================================

Angles are those of retina.py: directions from the nose (0) upwards (90), azimuths towards the nose.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.brain import shared_parameters
from neuromech.brain.encoders import optic_lobe
from neuromech.brain.encoders.features import (
    Encoder,
    Linear,
    Logarithmic,
    OnOff,
    Rectified,
    Saturating,
    stretch_matrix,
)
from neuromech.brain.encoders.retina import LEVELS, Ganglion
from neuromech.brain.shared_parameters import Groups
from neuromech.senses.base import Sense
from neuromech.senses.eye.eye import Eye
from neuromech.world.body import Body

Entry = Mapping[str, Any]
Sections = dict[str, tuple[str, ...] | None]


@dataclass(frozen=True)
class Source:
    """One entry of ``encoding`` with all that its kind may look at.

    ``folders`` are the controller's; ``gone`` the numbers of the neurons that are ablated.
    """

    name: str
    entry: Entry
    body: Body
    folders: tuple[Path, ...] = ()
    gone: frozenset[int] = frozenset()

    @property
    def sense(self) -> Sense:
        """The sense that is read."""
        return self.body.senses[self.entry["sense"]]

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels of the sense."""
        return self.sense.channels


@dataclass(frozen=True)
class Kind:
    """How one kind of entry is read.

    ``sections`` names the sections of parameters.yaml with their entries (None: they are named by neurons);
    ``build`` returns the encoder and the currents (pA) per feature, (neuron, feature). Where ``swaps``,
    perturb.swap exchanges these between two neurons.
    """

    keys: tuple[str, ...]
    sections: Callable[[Source], Sections]
    build: Callable[[Source, Groups, Mapping[str, Any]], tuple[Encoder, np.ndarray]]
    swaps: bool = True


def sources(encoding: Mapping[str, Entry], body: Body, folders: Sequence[Path] = ()) -> list[Source]:
    """Return the entries of ``encoding``, checked.

    Raises
    ------
    InputError
        An entry has no kind that there is, reads a sense that the body lacks, or misses a key.
    """
    check(encoding, body, {name: kind.keys for name, kind in KINDS.items()})
    return [Source(name, entry, body, tuple(folders)) for name, entry in encoding.items()]


def check(
    encoding: Mapping[str, Entry], body: Body, kinds: Mapping[str, Sequence[str]], of: str = ""
) -> None:
    """Look whether every entry has one of the ``kinds``, the keys that this wants, and a sense of the body.

    ``of`` says in a message whose kinds they are.

    Raises
    ------
    InputError
        An entry has not.
    """
    for name, entry in encoding.items():
        kind = str(entry.get("kind"))
        if kind not in kinds:
            raise unknown(f"kind of encoding.{name}{of}", kind, kinds)
        for key in ("sense", *kinds[kind]):
            if key not in entry:
                raise InputError(f"encoding.{name}: {key} is missing")
        if entry["sense"] not in body.spec.senses:
            raise unknown(f"sense in encoding.{name}", str(entry["sense"]), body.spec.senses)


def sections(found: Sequence[Source]) -> Sections:
    """Return the sections of parameters.yaml that the entries read."""
    return {name: keys for each in found for name, keys in KINDS[each.entry["kind"]].sections(each).items()}


def build(
    found: Sequence[Source],
    groups: Groups,
    parameters: Mapping[str, Any],
    swap: Sequence[tuple[str, str]] = (),
    gone: np.ndarray | Sequence[int] = (),
) -> tuple[tuple[Encoder, ...], np.ndarray]:
    """Return the encoders and the currents (pA) per feature of all, side by side, (neuron, feature).

    ``swap`` names pairs of neurons that exchange what they sense of the world; what they feel of the body's
    own shape follows from where they stand and stays. ``gone`` are the neurons that are ablated.
    """
    encoders, currents = [], []
    pairs = [_pair(groups, names) for names in swap]
    for source in found:
        kind = KINDS[source.entry["kind"]]
        encoder, current = kind.build(
            replace(source, gone=frozenset(int(each) for each in gone)), groups, parameters
        )
        for one, other in pairs if kind.swaps else ():
            current[[one, other]] = current[[other, one]]
        encoders.append(encoder)
        currents.append(current)
    return tuple(encoders), np.hstack(currents) if currents else np.zeros((len(groups.connectome.neurons), 0))


def _pair(groups: Groups, names: tuple[str, str]) -> tuple[int, int]:
    neurons = groups.connectome.neurons
    for name in names:
        if name not in neurons:
            raise unknown("neuron in perturb.swap", name, neurons)
    return neurons.index(names[0]), neurons.index(names[1])


def _stretch_sections(source: Source) -> Sections:
    return {"stretch_pA_mm": None, "reach": tuple(source.entry["windows"])}


def _stretch(source: Source, groups: Groups, parameters: Mapping[str, Any]) -> tuple[Encoder, np.ndarray]:
    """A neuron feels the bends around the muscles it drives, as its group's gains say."""
    joints = list(source.channels)
    joint_places = (np.arange(len(joints)) + 1) / (len(joints) + 1)
    # A muscle stands where the joints are that it bends, on the side to which it bends them.
    torques = source.body.muscle_torques(joints)
    strength = np.abs(torques).sum(axis=1)
    lost = np.full(len(torques), np.nan)
    places = np.divide(np.abs(torques) @ joint_places, strength, out=lost, where=strength > 0)
    position, side = shared_parameters.body_position(groups.connectome, places, np.sign(torques.sum(axis=1)))
    given, reach = source.entry["windows"], parameters["reach"]
    values: dict[str, dict[str, float]] = {name: {} for name in given}
    for key, value in parameters["stretch_pA_mm"].items():
        group, _, window = key.partition(":")
        if window not in values:
            raise InputError(
                f"parameter stretch_pA_mm.{key}: name it group:window, with a window of {', '.join(values)}"
            )
        values[window][group] = value
    gains = {name: groups.vector(of_group) for name, of_group in values.items()}
    windows = {name: (start * reach[name], stop * reach[name]) for name, (start, stop) in given.items()}
    return Linear(channels=len(joints)), stretch_matrix(position, side, joint_places, windows, gains)


def _on_off_sections(source: Source) -> Sections:
    return {source.name: ("fast_s", "slow_s", f"floor_{source.sense.unit}", "gain", "on_pA", "off_pA")}


def _on_off(source: Source, groups: Groups, parameters: Mapping[str, Any]) -> tuple[Encoder, np.ndarray]:
    p = parameters[source.name]
    currents = np.zeros((len(groups.connectome.neurons), 2))
    for column, (key, current) in enumerate((("rise", "on_pA"), ("fall", "off_pA"))):
        currents[groups.connectome.resolve(source.entry[key]), column] = p[current]
    numbers = (p["fast_s"], p["slow_s"], p[f"floor_{source.sense.unit}"], p["gain"])
    return OnOff(*(jnp.float32(number) for number in numbers)), currents


def _touch_sections(source: Source) -> Sections:
    return {source.name: ("current_pA", f"half_{source.sense.unit}")}


def _touch(source: Source, groups: Groups, parameters: Mapping[str, Any]) -> tuple[Encoder, np.ndarray]:
    p, fields = parameters[source.name], list(source.channels)
    currents = np.zeros((len(groups.connectome.neurons), len(fields)))
    for field, names in source.entry["neurons"].items():
        if field not in fields:
            raise unknown(f"field in encoding.{source.name}", str(field), fields)
        currents[groups.connectome.resolve(names), fields.index(field)] = p["current_pA"]
    half = jnp.float32(p[f"half_{source.sense.unit}"])
    return Saturating(half=half, channels=len(fields)), currents


def _afferent_sections(source: Source) -> Sections:
    return {source.name: ("threshold", "scale", "current_pA")}


def _afferent(source: Source, groups: Groups, parameters: Mapping[str, Any]) -> tuple[Encoder, np.ndarray]:
    """Fibres that answer, each for one channel, what exceeds a threshold."""
    p, channels = parameters[source.name], list(source.channels)
    currents = _by_channel(source, groups, channels, p["current_pA"])
    if p["scale"] == 0:
        raise InputError(f"parameter {source.name}.scale must not be 0")
    numbers = {name: jnp.float32(p[name]) for name in ("threshold", "scale")}
    return Rectified(**numbers, channels=len(channels)), currents


def _odour_sections(source: Source) -> Sections:
    return {source.name: ("current_pA", f"floor_{source.sense.unit}")}


def _odour(source: Source, groups: Groups, parameters: Mapping[str, Any]) -> tuple[Encoder, np.ndarray]:
    """Receptor neurons that answer the logarithm of a concentration."""
    p, channels = parameters[source.name], list(source.channels)
    floor = p[f"floor_{source.sense.unit}"]
    if floor <= 0:
        raise InputError(f"parameter {source.name}.floor_{source.sense.unit} must be above 0")
    currents = _by_channel(source, groups, channels, p["current_pA"])
    return Logarithmic(floor=jnp.float32(floor), channels=len(channels)), currents


def _by_channel(source: Source, groups: Groups, channels: list[str], current: float) -> np.ndarray:
    """Currents (neuron, channel) of an entry that names neurons by channel."""
    currents = np.zeros((len(groups.connectome.neurons), len(channels)))
    for channel, names in source.entry["neurons"].items():
        if channel not in channels:
            raise unknown(f"channel in encoding.{source.name}", str(channel), channels)
        currents[groups.connectome.resolve(names), channels.index(channel)] = current
    return currents


def _direction_sections(source: Source) -> Sections:
    numbers = ("adapt_s", "delay_s", "dark", "half_contrast", "level_pA", "motion_pA")
    return {"direction_selective": numbers}


def _direction(source: Source, groups: Groups, parameters: Mapping[str, Any]) -> tuple[Encoder, np.ndarray]:
    """Ganglion cells of one eye, pooled over part of its field."""
    name, entry, p = source.name, source.entry, parameters["direction_selective"]
    eye = source.sense
    if not isinstance(eye, Eye):
        raise InputError(f"encoding.{name} must read an eye, not {entry['sense']}")
    cells = [*LEVELS, *entry["directions_deg"]]
    currents = np.zeros((len(groups.connectome.neurons), len(cells)))
    for cell, names in entry["neurons"].items():
        if cell not in cells:
            raise unknown(f"cell in encoding.{name}", str(cell), cells)
        current = p["level_pA" if cell in LEVELS else "motion_pA"]
        currents[groups.connectome.resolve(names), cells.index(cell)] = current
    windows = {key: _window(name, entry, key) for key in ("azimuth_deg", "elevation_deg") if key in entry}
    numbers = (p["adapt_s"], p["delay_s"], p["dark"], p["half_contrast"])
    try:
        encoder = Ganglion.of(eye.lattice, entry["directions_deg"], numbers, **windows)
    except InputError as error:
        raise InputError(f"encoding.{name}: {error}") from None
    return encoder, currents


def _window(name: str, entry: Entry, key: str) -> tuple[float, float]:
    try:
        low, high = (float(end) for end in entry[key])
    except (TypeError, ValueError):
        low = high = np.nan
    if not low < high:
        raise InputError(f"encoding.{name}.{key} must be [from, to], not {entry[key]}")
    return low, high


def _lobe_sections(source: Source) -> Sections:
    return {"optic_lobe": ("gain_pA",)}


def _lobe(source: Source, groups: Groups, parameters: Mapping[str, Any]) -> tuple[Encoder, np.ndarray]:
    """Cells of the optic lobe of one eye; one whose neurons are all ablated is gone from the lobe, too."""
    name, entry = source.name, source.entry
    lattice = source.sense.lattice if isinstance(source.sense, Eye) else None
    if lattice is None or not len(lattice.columns):
        raise InputError(f"encoding.{name} must read an eye with lattice: hexagonal")
    lobe = optic_lobe.load(source.folders, lattice.columns)
    kept = lobe.table.numbers([str(cell) for cell in entry["neurons"]])
    currents = np.zeros((len(groups.connectome.neurons), len(kept)))
    gone = []
    for feature, (cell, names) in enumerate(zip(kept, entry["neurons"].values(), strict=True)):
        fed = groups.connectome.resolve(names)
        currents[fed, feature] = parameters["optic_lobe"]["gain_pA"]
        gone += [cell] if source.gone.issuperset(int(each) for each in fed) else []
    return optic_lobe.Lobe.of(lobe.cells, lattice.columns, lobe.frame_s, kept, gone), currents


KINDS = {
    "stretch": Kind(("windows",), _stretch_sections, _stretch, swaps=False),
    "on_off": Kind(("rise", "fall"), _on_off_sections, _on_off),
    "touch": Kind(("neurons",), _touch_sections, _touch),
    "afferent": Kind(("neurons",), _afferent_sections, _afferent),
    "odour": Kind(("neurons",), _odour_sections, _odour),
    "direction_selective": Kind(("directions_deg", "neurons"), _direction_sections, _direction),
    "optic_lobe": Kind(("neurons",), _lobe_sections, _lobe),
}
