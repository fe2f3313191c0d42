"""What controller.yaml says: what stands in the loop between senses and muscles, as typed, checked data.

Its keys depend on its `model`, and those of an entry of `encoding` on its `kind`. What others register says
itself which keys it takes: a neuron model by a dataclass `Options` that extends `WiredSpec`, a controller
or an encoder by such a dataclass or by its keywords.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Gt, Le, MinLen

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.registry import registry
from neuromech.specs.checking import Origin, check, strict
from neuromech.specs.encoder_keys import ENCODER_KEYS
from neuromech.specs.options import Part, read_parts
from neuromech.specs.values import Fit, Name, Neurons, NotNegative, Positive, patterned

NEURON_MODELS, CONTROLLERS = "neuron model", "controller model"
ENCODERS = ("encoder", "spike encoder")
"""The registries of encoders."""
Point = tuple[float, float]
"""A time, s, and a value."""
CONNECTIONS = "connections.csv"
"""The table of connections of a folder that does not offer several."""


Table = Annotated[
    str, patterned("the name of a CSV file in the folder, as in connections_1986.csv", r"\w[\w.-]*\.csv")
]
"""A file beside controller.yaml."""


@dataclass(frozen=True)
class Display:
    """What rasters and traces show, from top to bottom."""

    traces: Neurons = ()
    """Neurons whose activity is drawn as lines."""
    groups: dict[Name, Neurons] = dataclasses.field(default_factory=dict)
    """Neurons, classes or types by the label of their rows."""


@dataclass(frozen=True, kw_only=True)
class EncodingSpec(Part):
    """How one sense drives neurons; the keys beside these are those of the kind."""

    sense: Name
    """Name of a sense of the body."""

    @classmethod
    def kinds(cls) -> list[str]:
        """Return the names of all encoders."""
        return sorted({*ENCODER_KEYS, *(name for kind in ENCODERS for name in _registered(kind))})

    @classmethod
    def declared(cls, kind: str) -> type[Any] | None:
        """Return the dataclass of the keys of a kind."""
        item = next((found[kind] for each in ENCODERS if kind in (found := _registered(each))), None)
        if options := getattr(item, "Options", None):
            return strict(options)
        if kind in ENCODER_KEYS:
            return ENCODER_KEYS[kind]
        return strict(
            dataclasses.make_dataclass(f"{kind}Keys", [(key, Any) for key in getattr(item, "keys", ())])
        )


@strict
@dataclass(frozen=True, kw_only=True)
class ControllerSpec:
    """The keys of every controller.yaml; those of its model are added by the classes below."""

    name: Name
    """Name of the folder, by which runs call it."""
    title: str = ""
    """What it is, in one line."""
    model: Name
    """A neuron model, or another kind of controller: graded, rate, bursting, rate_saturating, spiking, ..."""
    folder: Path = dataclasses.field(default=Path(), metadata={"hidden": True})
    folders: tuple[Path, ...] = dataclasses.field(default=(), metadata={"hidden": True})


@dataclass(frozen=True, kw_only=True)
class ConnectomeChoice:
    """One of several wirings of the same neurons."""

    table: Table
    """The file of the folder that stands in the place of connections.csv."""
    title: str = ""
    """Whose wiring it is, in one line."""


@strict
@dataclass(frozen=True, kw_only=True)
class Connectomes:
    """Keys of a controller that say which table connects its neurons."""

    connectomes: dict[Name, ConnectomeChoice] = dataclasses.field(default_factory=dict)
    """Wirings of the same neurons, by name."""
    connectome: Name | None = None
    """The one of them that is taken; connections.csv if left out."""

    @property
    def connections(self) -> str:
        """The file name of the table of connections; in folders without it connections.csv is read."""
        return CONNECTIONS if self.connectome is None else self.connectomes[self.connectome].table

    @classmethod
    def written(cls, tree: Mapping[str, Any], file: Path, connectome: str | None = None) -> Connectomes:
        """Return these keys of a controller.yaml as it is written, of which no other is looked at.

        Parameters
        ----------
        tree : the YAML.
        file : where it stands, for messages.
        connectome : in the place of the one that it takes.

        Raises
        ------
        InputError
            A value is wrong, or there is no wiring of that name.
        """
        over = {} if connectome is None else {"connectome": connectome}
        given = {key: tree[key] for key in ("connectomes", "connectome") if key in tree}
        origin = Origin(file=file, overrides=over)
        found = check(Connectomes, {**given, **over}, origin)
        found.check_connectome(origin)
        return found

    def check_connectome(self, origin: Origin) -> None:
        """Raise `InputError` if there is no wiring of that name; `origin` is where the keys were written."""
        if self.connectome is not None and self.connectome not in self.connectomes:
            before, name = origin.place(("connectome",))
            raise InputError(before + str(unknown(name, self.connectome, self.connectomes)))


@strict
@dataclass(frozen=True, kw_only=True)
class WiredSpec(Connectomes, ControllerSpec):
    """Keys of every controller that is made of neurons and their connections."""

    groups: dict[Name, Neurons] = dataclasses.field(default_factory=dict)
    """Names that parameters.yaml may use, beside neurons, classes and types."""
    fitted: Fit | None = None
    """What another fit found, fits/NAME.yaml, in the place of parameters.yaml."""
    encoding: dict[Name, EncodingSpec] = dataclasses.field(default_factory=dict)
    """How senses drive neurons."""
    display: Display = dataclasses.field(default_factory=Display)
    """What is shown."""
    commands: dict[Name, float] = dataclasses.field(default_factory=dict)
    """Constant drive of named neurons, in units of `command_pA`; of spiking neurons in Hz."""
    ramps: dict[Name, tuple[Point, ...]] = dataclasses.field(default_factory=dict)
    """Drive that changes, [[time_s, value], ...], in the place of a constant one."""
    settle_s: NotNegative = 0.0
    """How long the neurons run before the animal is set down."""


@strict
@dataclass(frozen=True, kw_only=True)
class GradedSpec(WiredSpec):
    """Keys of `model: graded`."""

    balance: dict[Name, dict[Name, float]] = dataclasses.field(default_factory=dict)
    """Groups of motor neurons, and the neurons that are on (1) or off (-1) while they are centred."""


@strict
@dataclass(frozen=True, kw_only=True)
class GradedWirelessSpec(GradedSpec):
    """Keys of `model: graded_wireless`."""

    detail: Literal["graded", "channels"] = "graded"
    """Whether the neurons that channels.yaml names have a graded membrane as all others, or ion channels."""


def has_ion_channels(spec: ControllerSpec) -> bool:
    """Say whether some neurons of a controller have a membrane of ion channels."""
    return isinstance(spec, GradedWirelessSpec) and spec.detail == "channels"


@dataclass(frozen=True)
class Homeostasis:
    """How active neurons are on average while commands have given values."""

    rate_Hz: NotNegative
    """The mean rate of each of them, Hz; 0 leaves their biases and their synapses as they are."""
    commands: dict[Name, float]
    """The values of the commands meanwhile."""
    modulation_pA: NotNegative = 0.0
    """Standard deviation through time of the synaptic current of each, pA; 0 leaves synapses as they are."""
    inhibition: NotNegative = 1.0
    """Mean inhibitory over mean excitatory current of each, where synapses are scaled."""
    silent: Neurons = ("sensory",)
    """Neurons, classes, types or groups that do not fire meanwhile."""
    adaptation_pA_per_Hz: NotNegative = 0.0
    """How much current each loses for every Hz by which it fired more than that of late; 0 for none."""
    adaptation_s: Positive = 0.5
    """What "of late" means: the time constant of the mean that adaptation follows."""


@strict
@dataclass(frozen=True, kw_only=True)
class RateSaturatingSpec(WiredSpec):
    """Keys of `model: rate_saturating`."""

    homeostasis: dict[Name, Homeostasis] = dataclasses.field(default_factory=dict)
    """Groups of neurons whose biases are set, one by one, so that each fires at a given rate on average."""


@strict
@dataclass(frozen=True, kw_only=True)
class CommandingSpec(ControllerSpec):
    """Keys of every controller that may stand over another one."""

    under: str = ""
    """The controller that it commands."""


@dataclass(frozen=True)
class Runaway:
    """When activity counts as runaway, which ends the episode."""

    spikes_per_s: Positive
    """The highest rate of all neurons together, spikes per second."""
    for_ms: Positive
    """The time for which the rate has to be higher, ms."""


@strict
@dataclass(frozen=True, kw_only=True)
class SpikingSpec(WiredSpec, CommandingSpec):
    """Keys of `model: spiking`."""

    wiring: Annotated[tuple[Name, ...], MinLen(1)]
    """Wirings; the first that is on this machine is taken."""
    engine: Name = "events"
    """What computes the neurons: events, or jax."""
    descending: dict[Name, Neurons] = dataclasses.field(default_factory=dict)
    """Command neurons of the controller under it, and the neurons of the brain that drive each."""
    runaway: Runaway
    """When the activity of the brain counts as runaway."""


@dataclass(frozen=True)
class CommandSpec:
    """Neurons into which a policy passes one current."""

    neurons: Neurons
    """Their names."""
    current_pA: Positive
    """The most that it passes, either way."""


@strict
@dataclass(frozen=True, kw_only=True)
class PolicySpec(CommandingSpec):
    """Keys of `model: policy`, as a training writes them."""

    learner: Literal["muscles", "descending", "parameters", "wiring"]
    """What was trained."""
    body: Name
    """The body for which it was trained."""
    period_s: Positive | None = None
    """Time between two decisions."""
    senses: tuple[Name, ...] = ()
    """Senses that it sees."""
    lags_s: tuple[Positive, ...] = ()
    """Times before the present at which it also sees them, s."""
    neurons: Neurons = ()
    """Neurons whose activity it sees."""
    commands: dict[Name, CommandSpec] = dataclasses.field(default_factory=dict)
    """Neurons into which it passes currents."""
    strength: Annotated[float, Gt(0), Le(1)] = 1.0
    """The largest excitation of a muscle."""
    synergies: dict[Name, dict[str, float]] = dataclasses.field(default_factory=dict)
    """Groups of muscles that one action moves together: {group: {muscle or pattern: weight}}."""
    squash: Literal["clip", "tanh"] = "clip"
    """The function that keeps its actions between -1 and 1."""
    training: dict[str, Any] = dataclasses.field(default_factory=dict)
    """How it was trained."""


@strict
@dataclass(frozen=True, kw_only=True)
class RandomSpec(ControllerSpec):
    """Keys of `model: random`."""

    tau_s: Positive = 0.3
    """Correlation time of the excitations."""
    spread: NotNegative = 0.25
    """Their standard deviation."""


SPECS: dict[str, type[ControllerSpec]] = {
    "graded": GradedSpec,
    "graded_wireless": GradedWirelessSpec,
    "rate": WiredSpec,
    "bursting": WiredSpec,
    "rate_saturating": RateSaturatingSpec,
    "spiking": SpikingSpec,
    "policy": PolicySpec,
    "random": RandomSpec,
}
"""What a controller.yaml may say, by its model; of those that are built in."""


def models() -> list[str]:
    """Return the names of all models of controllers."""
    added = (_registered(kind) for kind in (NEURON_MODELS, CONTROLLERS))
    return sorted({*SPECS, *(name for registry in added for name in registry)})


def spec_of(model: str) -> type[ControllerSpec]:
    """Return the dataclass of all keys of a controller.yaml with a given model."""
    if model in SPECS:
        return SPECS[model]
    wired = model in _registered(NEURON_MODELS)
    item = _registered(NEURON_MODELS if wired else CONTROLLERS)[model]
    return getattr(item, "Spec", WiredSpec if wired else ControllerSpec)


def read_controller(tree: Mapping[str, Any], origin: Origin | None = None) -> ControllerSpec:
    """Return the controller that a merged controller.yaml describes.

    Raises
    ------
    InputError
        A key is unknown or missing, or a value is of the wrong type or out of range.
    """
    origin = origin or Origin("controller")
    model = tree.get("model")
    if not isinstance(model, str):  # the one thing to say: which other keys there are depends on it
        check(ControllerSpec, {key: tree[key] for key in ("name", "model") if key in tree}, origin)
    if model not in models():
        before, name = origin.place(("model",))
        raise InputError(before + str(unknown(name, str(model), models())))
    spec = read_parts(check(spec_of(str(model)), tree, origin), origin)
    if isinstance(spec, WiredSpec):
        spec.check_connectome(origin)
    return spec


def _registered(kind: str) -> Mapping[str, Any]:
    """Return a registry, nothing where no module makes it."""
    try:
        return registry(kind)
    except InputError:
        return {}
