"""What is done to the wiring of a run: as it is written in a configuration, and as it is carried out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from neuromech._lib.errors import InputError
from neuromech.specs.checked import Checked
from neuromech.specs.checking import strict
from neuromech.specs.values import Custom, MinLen, Neurons, NotNegative, Number, Positive, Whole


@dataclass(frozen=True)
class Window(Checked):
    """Neurons (or classes) held silent, or given a current in pA, from `start_s` to `stop_s`.

    Without `stop_s` it stays open until the end. Spiking neurons may be given random spikes, `rate_Hz` on
    average, too.
    """

    neurons: tuple[str, ...]
    start_s: NotNegative
    stop_s: Positive | None = None
    current_pA: Number = 0.0
    rate_Hz: NotNegative = 0.0

    SECTION = "perturb"

    def covers(self, t_s: float) -> bool:
        """Whether it is open at `t_s`."""
        return self.start_s <= t_s and (self.stop_s is None or t_s < self.stop_s)

    def __post_init__(self) -> None:
        """Refuse one that ends before it begins."""
        super().__post_init__()
        if self.stop_s is not None and self.stop_s <= self.start_s:
            raise InputError(f"stop_s={self.stop_s:g} must be later than start_s={self.start_s:g}")


@strict
@dataclass(frozen=True)
class Pathway(Checked):
    """The connections from some neurons onto others, multiplied for a whole episode."""

    pre: Annotated[Neurons, MinLen(1)]
    """Neurons, classes or types where they start."""
    post: Annotated[Neurons, MinLen(1)]
    """Neurons, classes, types or muscles where they end."""
    scale: NotNegative = 0.0
    """Multiplies their contacts; 0 cuts them."""
    kind: Literal["all", "chemical", "gap_junction"] = "all"
    """Which of them."""

    SECTION = "perturb.scale_pathways"

    @property
    def told(self) -> str:
        """The pathway in words."""
        return f"{', '.join(self.pre)} onto {', '.join(self.post)}"


@dataclass(frozen=True)
class Perturb(Checked):
    """What is done to the wiring: names are neurons or classes, scales multiply every weight of a kind."""

    ablate: tuple[str, ...] = ()
    silence: tuple[Window, ...] = ()
    stimulate: tuple[Window, ...] = ()
    shuffle_wiring: bool | tuple[str, ...] = False
    random_wiring: bool = False
    wiring_seed: Whole | None = None
    scale_gap_junctions: NotNegative = 1.0
    scale_chemical: NotNegative = 1.0
    scale_extrasynaptic: NotNegative = 1.0
    scale_pathways: tuple[Pathway, ...] = ()
    swap: tuple[tuple[str, str], ...] = ()

    SECTION = "perturb"

    @property
    def by_seed(self) -> bool:
        """Whether every episode has a wiring of its own, which its seed deals out."""
        return bool(self.shuffle_wiring or self.random_wiring) and self.wiring_seed is None

    def dealt_by(self, seed: int) -> int:
        """Return the seed that deals out a shuffled or random wiring in an episode of some seed."""
        return seed if self.wiring_seed is None else self.wiring_seed


@dataclass(frozen=True)
class Silencing:
    """Neurons that are silent for a time."""

    neurons: Annotated[Neurons, MinLen(1)]
    """Neurons, classes or types."""
    start_s: NotNegative
    """When it begins."""
    stop_s: Positive | None = None
    """When it ends; the end of the episode if it is left out."""


@dataclass(frozen=True)
class Stimulation(Silencing):
    """Neurons that are driven for a time."""

    current_pA: Number | None = None
    """The current into each."""
    rate_Hz: NotNegative | None = None
    """Mean rate of random spikes, for spiking neurons."""


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    items = [value] if value and all(isinstance(item, str) for item in value) else value
    pairs = [tuple(item) for item in items if isinstance(item, list)]
    if len(pairs) != len(items) or not isinstance(value, list):
        raise ValueError
    if any(
        len(pair) != 2 or pair[0] == pair[1] or not all(isinstance(n, str) for n in pair) for pair in pairs
    ):
        raise ValueError
    return tuple((one, other) for one, other in pairs)


_PAIR = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
Pairs = Annotated[
    tuple[tuple[str, str], ...],
    Custom(
        "pairs of two different neurons, as in [[ASEL,ASER]]",
        _pairs,
        {"anyOf": [_PAIR, {"type": "array", "items": _PAIR}]},
    ),
]
"""Pairs of two different neurons; one pair may stand alone."""


@dataclass(frozen=True)
class Perturbations:
    """What is done to the wiring, as it is written."""

    ablate: Neurons = ()
    """Neurons, classes or types that are taken out, as in [ASEL, ASER]."""
    silence: tuple[Silencing, ...] = ()
    """Neurons that are silent for a time."""
    stimulate: tuple[Stimulation, ...] = ()
    """Neurons that are driven for a time."""
    shuffle_wiring: bool | Neurons = False
    """All wiring, or only that of some kinds or types of neurons, with every degree preserved."""
    random_wiring: bool = False
    """All connections between neurons dealt out anew, between any two: a random graph of equal density."""
    wiring_seed: Whole | None = None
    """Which shuffled or random wiring it is; that of the episode's seed if it is left out."""
    scale_gap_junctions: NotNegative = 1.0
    """Multiplies all gap junctions, those onto muscles included."""
    scale_chemical: NotNegative = 1.0
    """Multiplies all chemical connections, the neuromuscular ones included."""
    scale_extrasynaptic: NotNegative = 1.0
    """Multiplies all signals without synapses, monoamines and neuropeptides; 0 takes them away."""
    scale_pathways: tuple[Pathway, ...] = ()
    """Pathways that are cut or scaled, as in [{pre: [AWC], post: [AIY]}]."""
    swap: Pairs = ()
    """Pairs of neurons that exchange their sensory input, as in [[ASEL, ASER]]."""


def perturb(given: Perturbations, duration_s: float) -> Perturb:
    """Return what a written configuration asks for, of an episode of some length (s).

    Raises
    ------
    InputError
        A window ends before it begins, begins after the end, or says of a stimulation not how strong it is.
    """
    for window in given.stimulate:
        if window.current_pA is None and window.rate_Hz is None:
            raise InputError(
                "perturb.stimulate needs current_pA (or rate_Hz), as in "
                "perturb.stimulate=[{neurons:[AVAL,AVAR],start_s:5,stop_s:6,current_pA:20}]"
            )
    silence = (_window(each, "silence", duration_s) for each in given.silence)
    stimulate = (
        dataclasses.replace(
            _window(each, "stimulate", duration_s),
            current_pA=each.current_pA or 0.0, rate_Hz=each.rate_Hz or 0.0,
        )
        for each in given.stimulate
    )  # fmt: skip
    whole = {each.name: getattr(given, each.name) for each in dataclasses.fields(given)}
    return Perturb(**{**whole, "silence": tuple(silence), "stimulate": tuple(stimulate)})


def _window(given: Silencing, what: str, duration_s: float) -> Window:
    key = f"perturb.{what}"
    if given.stop_s is not None and given.stop_s <= given.start_s:
        raise InputError(f"{key}.stop_s={given.stop_s:g} must be later than start_s={given.start_s:g}")
    if given.start_s >= duration_s:
        raise InputError(f"{key}.start_s={given.start_s:g} is after the end, duration_s={duration_s:g}")
    return Window(given.neurons, given.start_s, given.stop_s)
