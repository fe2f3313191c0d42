"""The connectome as controller: senses to neurons to muscles, nothing in between but wiring."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from neuromech import connectome as connectomes
from neuromech import content
from neuromech.body import Body, expand
from neuromech.config import Clock, Perturb, Window
from neuromech.controllers import brain as brains
from neuromech.controllers import wiring
from neuromech.controllers.encoding import OnOff, stretch_matrix
from neuromech.errors import InputError, unknown
from neuromech.neurons.graded import Graded
from neuromech.types import Observation

PARAMETERS = (
    "scale_mV", "tonic", "rest_mV", "leak_nS", "tau_ms", "plateau_nS", "chemical_nS", "gap_nS", "bias_pA",
    "drive_pA", "noise_pA", "command_mV", "stretch_pA_mm", "reach", "salt", "touch", "neuromuscular", "tone",
)  # fmt: skip
SENSORY = {
    "salt": ("fast_s", "slow_s", "floor_mM", "gain", "on_pA", "off_pA"),
    "touch": ("current_pA", "half_nN"),
}

NOISE_BLOCK = 256


class NeuralController:
    """A graded network on a connectome, with the perturbations of a run applied.

    Parameters
    ----------
    spec : merged controller.yaml; ``folder`` holds neurons.csv, connections.csv and parameters.yaml.
    body : the body whose muscles and joints it meets.
    clock, perturb : of the run.
    parameters : class-shared parameters; those of the folder's parameters.yaml unless a fit gives them.

    Raises
    ------
    InputError
        A table, a parameter or a perturbation names something that is not there.
    """

    activity_unit = "mV"

    def __init__(
        self,
        spec: Mapping[str, Any],
        body: Body,
        clock: Clock,
        perturb: Perturb,
        seed: int = 0,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        folder = Path(spec["folder"])
        self.parameters = dict(parameters or content.read_yaml(folder / "parameters.yaml")["parameters"])
        members = {**SENSORY, "reach": spec["encoding"]["windows"]}
        wiring.check_parameters(self.parameters, PARAMETERS, members)
        self.connectome = _shuffled(connectomes.load(folder, body.muscles), perturb, seed)
        self.neuron_names = tuple(self.connectome.neurons)
        self.neuron_groups: Mapping[str, tuple[str, ...]] = {
            label: tuple(self.neuron_names[i] for i in self.connectome.resolve(names))
            for label, names in spec["display"]["groups"].items()
        }
        self.traces: tuple[str, ...] = tuple(spec["display"]["traces"])
        self.brain = build(spec, body, self.connectome, self.parameters, perturb)
        self._senses = [spec["encoding"]["senses"][role] for role in brains.SENSES]
        self._control_s = clock.control_s
        self._leaves, structure = jax.tree.flatten(self.brain)
        self._advance = brains.compiled(structure, clock.control_s, clock.brain_substeps)
        self._silence = [
            (window, self.connectome.resolve(list(window.neurons))) for window in perturb.silence
        ]
        self._stimulate = [
            (window, self.connectome.resolve(list(window.neurons))) for window in perturb.stimulate
        ]
        # White current: its effect on a membrane must not depend on the control period.
        groups = wiring.Groups(self.connectome, spec["groups"])
        self._noise_pA = groups.vector(self.parameters["noise_pA"]) / np.sqrt(1000.0 * clock.control_s)
        present = np.ones(len(self.neuron_names), np.float32)
        present[[i for name in perturb.ablate for i in self.connectome.resolve([name])]] = 0.0
        self._present = jnp.asarray(present)
        self.reset(seed)

    def reset(self, seed: int) -> None:
        """Every neuron at rest, the clock of the perturbations at zero."""
        self._state = jax.tree.leaves(brains.init(self.brain))
        self._rng = np.random.default_rng(seed)
        self._noise = iter(())
        self._periods = 0

    def act(self, observation: Observation) -> np.ndarray:
        """Muscle excitations for the next control period, float32 (muscle,)."""
        t_s = self._periods * self._control_s
        self._periods += 1
        sensed = np.concatenate([observation[sense] for sense in self._senses])
        self._state, excitation = self._advance(
            self._leaves, self._state, sensed, self._injected(t_s), self._kept(t_s)
        )
        return np.asarray(excitation)

    @property
    def activity(self) -> np.ndarray:
        """Membrane potentials, mV (neuron,)."""
        return np.asarray(self._state[0])

    def _injected(self, t_s: float) -> np.ndarray:
        """Membrane noise and the electrodes that are on, pA (neuron,)."""
        noise = next(self._noise, None)
        if noise is None:
            # Drawn in blocks on the host: inside the jitted step the generator cost more than the brain.
            block = self._rng.standard_normal((NOISE_BLOCK, len(self._noise_pA)), np.float32)
            self._noise = iter(block * self._noise_pA.astype(np.float32))
            noise = next(self._noise)
        for window, cells in self._stimulate:
            if _open(window, t_s):
                noise[cells] += window.current_pA
        return noise

    def _kept(self, t_s: float) -> Any:
        """1 for neurons that take part, 0 for those ablated or silenced now."""
        present = self._present
        for window, cells in self._silence:
            if _open(window, t_s):
                present = present.at[cells].set(0.0)
        return present


def build(
    spec: Mapping[str, Any],
    body: Body,
    connectome: connectomes.Connectome,
    parameters: Mapping[str, Any],
    perturb: Perturb,
) -> brains.Brain:
    """Turn tables and class-shared parameters into a brain."""
    p = parameters
    groups = wiring.Groups(connectome, spec["groups"])
    # Shares and balance are the intact animal's: a neuron does not know which others have been killed.
    chemical = wiring.chemical(connectome, groups, p["chemical_nS"])
    gap = wiring.gap(connectome, groups, p["gap_nS"])
    decode = wiring.muscle(connectome, groups, p["neuromuscular"])
    leak = groups.vector(p["leak_nS"])
    bias = groups.vector(p["bias_pA"])
    for group, levels in spec["balance"].items():
        bias -= np.where(groups.mask(group), _balance(chemical, gap, groups, levels, p), 0.0)
    gone = connectome.resolve(list(perturb.ablate))
    chemical, gap = chemical * perturb.scale_chemical, gap * perturb.scale_gap_junctions
    for matrix in (chemical, gap):
        matrix[gone], matrix[:, gone] = 0.0, 0.0
    decode[:, gone] = 0.0
    np.fill_diagonal(gap, 0.0)
    gap -= np.diag(gap.sum(axis=1))
    network = Graded(
        rest_mV=_single(groups.vector(p["rest_mV"])),
        leak_nS=_single(leak),
        capacitance_pF=_single(leak * groups.vector(p["tau_ms"])),
        plateau_nS=_single(groups.vector(p["plateau_nS"])),
        chemical_nS=_single(chemical),
        gap_nS=_single(gap),
        bias_pA=_single(bias + groups.vector(p["drive_pA"])),
        scale_mV=_single(p["scale_mV"]),
        tonic=_single(p["tonic"]),
    )
    salt = p["salt"]
    return brains.Brain(
        network=network,
        chemical=OnOff(*(_single(salt[key]) for key in ("fast_s", "slow_s", "floor_mM", "gain"))),
        encode=_single(_encode(spec, body, connectome, groups, p, perturb.swap)),
        touch_half_nN=_single(p["touch"]["half_nN"]),
        decode=_single(decode),
        tone=_single(p["tone"]),
    )


def _balance(
    chemical: np.ndarray,
    gap: np.ndarray,
    groups: wiring.Groups,
    levels: Mapping[str, float],
    p: Mapping[str, Any],
) -> np.ndarray:
    """Current (pA) that every neuron, at rest, gets from neurons held at ``levels`` times ``command_mV``.

    A motor neuron is balanced against the command that switches it on: it can then swing both ways, and is
    held off when the command is off.
    """
    above = groups.vector(levels) * p["command_mV"] / p["scale_mV"]
    reach = np.where(above > 0, 1.0, p["tonic"])
    return p["scale_mV"] * (chemical @ (reach * np.tanh(above / reach)) + gap @ above)


def _encode(
    spec: Mapping[str, Any],
    body: Body,
    connectome: connectomes.Connectome,
    groups: wiring.Groups,
    p: Mapping[str, Any],
    swap: Sequence[tuple[str, str]],
) -> np.ndarray:
    """Currents per feature, (neuron, feature): bends, then ON and OFF, then the fields of touch."""
    encoding = spec["encoding"]
    sides = np.array([1.0 if name[1] == encoding["dorsal"] else -1.0 for name in body.muscles])
    places = _muscle_places(body.muscles)
    position, side = wiring.body_position(connectome, places, sides)
    joints = expand(body.spec["senses"][encoding["senses"]["bend"]]["joints"])
    joint_places = (np.arange(len(joints)) + 1) / (len(joints) + 1)
    gains = {name: np.zeros(len(side)) for name in encoding["windows"]}
    for key, value in p["stretch_pA_mm"].items():
        group, _, window = key.partition(":")
        if window not in gains:
            raise InputError(
                f"parameter stretch_pA_mm.{key}: name it group:window, with a window of {', '.join(gains)}"
            )
        gains[window][groups.mask(group)] = value
    windows = {
        name: (start * p["reach"][name], stop * p["reach"][name])
        for name, (start, stop) in encoding["windows"].items()
    }
    stretch = stretch_matrix(position, side, joint_places, windows, gains)
    salt = np.zeros((len(side), 2))
    for column, names in enumerate((encoding["salt_on"], encoding["salt_off"])):
        salt[connectome.resolve(names), column] = p["salt"]["on_pA" if column == 0 else "off_pA"]
    touch_fields = list(body.spec["senses"][encoding["senses"]["touch"]]["fields"])
    touch = np.zeros((len(side), len(touch_fields)))
    for field, names in encoding["touch"].items():
        touch[connectome.resolve(names), touch_fields.index(field)] = p["touch"]["current_pA"]
    chemosensory = np.hstack([salt, touch])
    for one, other in swap:
        if one not in connectome.neurons or other not in connectome.neurons:
            raise unknown(
                "neuron in perturb.swap", other if one in connectome.neurons else one, connectome.neurons
            )
        (i,), (j,) = connectome.resolve([one]), connectome.resolve([other])
        chemosensory[[i, j]] = chemosensory[[j, i]]
    return np.hstack([np.nan_to_num(stretch), chemosensory])


def _muscle_places(muscles: Sequence[str]) -> np.ndarray:
    """Place of each muscle along the body, from its number: MDL01 at the nose, MDL24 at the tail."""
    numbers = np.array([int(name[-2:]) for name in muscles])
    return numbers / (numbers.max() + 1)


def _shuffled(connectome: connectomes.Connectome, perturb: Perturb, seed: int) -> connectomes.Connectome:
    if perturb.shuffle_wiring:
        connectome = connectome.shuffle(seed, perturb.shuffle_wiring)
    return connectome


def _open(window: Window, t_s: float) -> bool:
    return window.start_s <= t_s < window.stop_s


def _single(values: Any) -> Any:
    return jnp.asarray(np.asarray(values, np.float32))
