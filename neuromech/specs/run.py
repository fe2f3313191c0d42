"""The schema of a run: what a configuration means, checked before anything starts."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.files import user_path
from neuromech.specs import content


@dataclass(frozen=True)
class Clock:
    """Step lengths in s, each an integer multiple of the one before, and brain steps per control step."""

    physics_s: float
    control_s: float
    record_s: float
    brain_substeps: int

    @property
    def physics_per_control(self) -> int:
        """Physics steps in one control step."""
        return round(self.control_s / self.physics_s)

    @property
    def control_per_record(self) -> int:
        """Control steps in one recorded sample."""
        return round(self.record_s / self.control_s)


@dataclass(frozen=True)
class Window:
    """Neurons (or classes) held silent, or given a current in pA, from `start_s` to `stop_s`.

    Spiking neurons may be given random spikes, `rate_Hz` on average, too.
    """

    neurons: tuple[str, ...]
    start_s: float
    stop_s: float
    current_pA: float = 0.0
    rate_Hz: float = 0.0

    def covers(self, t_s: float) -> bool:
        """Whether it is open at `t_s`."""
        return self.start_s <= t_s < self.stop_s


@dataclass(frozen=True)
class Perturb:
    """What is done to the wiring: names are neurons or classes, scales multiply every weight of a kind."""

    ablate: tuple[str, ...] = ()
    silence: tuple[Window, ...] = ()
    stimulate: tuple[Window, ...] = ()
    shuffle_wiring: bool | tuple[str, ...] = False
    scale_gap_junctions: float = 1.0
    scale_chemical: float = 1.0
    swap: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Run:
    """One resolved run; `body`, `environment` and `controller` are merged YAML as `content.load` gives it."""

    experiment: str
    body: dict[str, Any]
    environment: dict[str, Any]
    controller: dict[str, Any]
    clock: Clock
    perturb: Perturb
    start: dict[str, Any]
    duration_s: float
    seed: int
    episodes: int
    video: bool
    output: Path

    @property
    def folders(self) -> list[str]:
        """Every content folder that the run uses, those that others extend or command included."""
        parts = [self.body, self.environment, self.controller]
        if self.controller.get("under"):
            parts.append(content.under(self.controller))
        return [folder for part in parts for folder in part["folders"]]


def resolve(config: DictConfig, config_dirs: Sequence[Path] = ()) -> Run:
    """Return the run that a composed configuration describes, with its content merged in.

    Raises InputError for anything missing, unknown, of the wrong kind or out of range.
    """
    tree = content.plain(config)
    experiment = tree.get("experiment")
    if not isinstance(experiment, str):
        raise InputError("which experiment? add experiment=NAME; 'neuromech list experiments' names them")
    sections = {
        section: content.load(kind, _name(tree.get(section), section), tree[section], config_dirs)
        for kind, section in content.SECTION.items()
    }
    duration_s = _number(tree, "duration_s", above=0)
    seed = _integer(tree, "seed", 0)
    output = tree.get("output")
    if output is None:
        output = Path("simulations") / f"{experiment}_{datetime.now():%Y%m%d-%H%M%S}"
    return Run(
        experiment=experiment,
        body=sections["body"],
        environment=sections["environment"],
        controller=sections["controller"],
        clock=_clock(tree["clock"]),
        perturb=_perturb(tree["perturb"], duration_s),
        start=_finite(tree["start"], "start"),
        duration_s=duration_s,
        seed=seed,
        episodes=_integer(tree, "episodes", 1),
        video=_flag(tree, "video"),
        output=user_path(str(output)),
    )


def dump(run: Run) -> str:
    """Return YAML that describes a run fully.

    Saved as `DIR/config.yaml`, it is run again by `neuromech run --config-dir DIR`.
    """
    tree = dataclasses.asdict(run)
    for section in content.SECTION.values():
        del tree[section]["folder"], tree[section]["folders"]
    for window in tree["perturb"]["silence"]:
        del window["current_pA"], window["rate_Hz"]
    # Running it again must not overwrite the first result.
    tree["output"] = None
    return OmegaConf.to_yaml(OmegaConf.create(tree))


def _clock(tree: Any) -> Clock:
    tree = _mapping(tree, "clock", {field.name for field in dataclasses.fields(Clock)})
    physics, control, record = (
        _number(tree, key, "clock", above=0) for key in ("physics_s", "control_s", "record_s")
    )
    for long, long_s, short, short_s in (
        ("control_s", control, "physics_s", physics),
        ("record_s", record, "control_s", control),
    ):
        ratio = long_s / short_s
        if ratio < 0.5 or abs(ratio - round(ratio)) > 1e-6 * ratio:
            raise InputError(
                f"clock.{long}={long_s:g} must be an integer multiple of clock.{short}={short_s:g}; "
                f"nearest: {max(1, round(ratio)) * short_s:g}"
            )
    return Clock(physics, control, record, _integer(tree, "brain_substeps", 1, "clock"))


def _perturb(tree: Any, duration_s: float) -> Perturb:
    tree = _mapping(tree, "perturb", {field.name for field in dataclasses.fields(Perturb)})
    shuffle = tree["shuffle_wiring"]
    return Perturb(
        ablate=_words(tree["ablate"], "perturb.ablate"),
        silence=_windows(tree["silence"], "perturb.silence", duration_s, with_current=False),
        stimulate=_windows(tree["stimulate"], "perturb.stimulate", duration_s, with_current=True),
        shuffle_wiring=shuffle if isinstance(shuffle, bool) else _words(shuffle, "perturb.shuffle_wiring"),
        scale_gap_junctions=_number(tree, "scale_gap_junctions", "perturb", least=0),
        scale_chemical=_number(tree, "scale_chemical", "perturb", least=0),
        swap=_pairs(tree["swap"], "perturb.swap"),
    )


def _windows(value: Any, key: str, duration_s: float, *, with_current: bool) -> tuple[Window, ...]:
    needed, strengths = ["neurons", "start_s", "stop_s"], ["current_pA", "rate_Hz"] if with_current else []
    windows = []
    for item in [value] if isinstance(value, Mapping) else _list(value, key):
        item = _mapping(item, key, [*needed, *strengths])
        missing = [field for field in needed if field not in item]
        if strengths and not any(field in item for field in strengths):
            missing.append("current_pA")
        if missing:
            raise InputError(f"{key} needs {', '.join(missing)}, as in {key}=[{{{_EXAMPLE[with_current]}}}]")
        start, stop = _number(item, "start_s", key, least=0), _number(item, "stop_s", key, above=0)
        if stop <= start:
            raise InputError(f"{key}.stop_s={stop:g} must be later than start_s={start:g}")
        if start >= duration_s:
            raise InputError(f"{key}.start_s={start:g} is after the end, duration_s={duration_s:g}")
        current = _number(item, "current_pA", key) if "current_pA" in item else 0.0
        rate = _number(item, "rate_Hz", key, least=0) if "rate_Hz" in item else 0.0
        windows.append(Window(_words(item["neurons"], f"{key}.neurons", least=1), start, stop, current, rate))
    return tuple(windows)


_EXAMPLE = {
    False: "neurons:[AVA],start_s:5,stop_s:8",
    True: "neurons:[AVAL,AVAR],start_s:5,stop_s:6,current_pA:20",
}


def _pairs(value: Any, key: str) -> tuple[tuple[str, str], ...]:
    items = _list(value, key)
    if items and all(_is_name(item) for item in items):
        items = [items]
    pairs = [_words(item, key) for item in items]
    if any(len(pair) != 2 or pair[0] == pair[1] for pair in pairs):
        raise InputError(f"{key} takes pairs of two different neurons, as in {key}=[[ASEL,ASER]]")
    return tuple((pair[0], pair[1]) for pair in pairs)


def _words(value: Any, key: str, least: int = 0) -> tuple[str, ...]:
    words = [value] if _is_name(value) else _list(value, key)
    if not all(_is_name(word) for word in words) or len(words) < least:
        raise InputError(f"{key} must be a name or a list of names in brackets, not {value!r}")
    return tuple(str(word) for word in words)


def _is_name(value: Any) -> bool:
    """Whether a value may name a neuron: a word, or a whole number, which YAML does not read as a word."""
    return isinstance(value, str | int) and not isinstance(value, bool)


def _list(value: Any, key: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError(f"{key} must be a list in brackets, not {value!r}")
    return value


def _mapping(value: Any, key: str, valid: Iterable[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{key} must be a group of 'key: value', not {value!r}")
    valid = list(valid)
    for name in value:
        if name not in valid:
            raise unknown("key", f"{key}.{name}", [f"{key}.{each}" for each in valid])
    return value


def _name(value: Any, section: str) -> str:
    name = value.get("name") if isinstance(value, dict) else value
    if not isinstance(name, str):
        raise InputError(f"{section}.name must name a {section}; 'neuromech list' shows them")
    return name


def _number(
    tree: Mapping[str, Any], key: str, prefix: str = "", *, above: float = -math.inf, least: float = -math.inf
) -> float:
    value, name = tree.get(key), f"{prefix}.{key}".lstrip(".")
    # NaN compares false.
    number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan
    if least <= number < math.inf and number > above:
        return float(number)
    limit = f" above {above:g}" if math.isfinite(above) else ""
    limit += f" of at least {least:g}" if math.isfinite(least) else ""
    raise InputError(f"{name} must be a number{limit}, not {value!r}")


def _integer(tree: Mapping[str, Any], key: str, least: int, prefix: str = "") -> int:
    value, name = tree.get(key), f"{prefix}.{key}".lstrip(".")
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InputError(f"{name} must be a whole number of at least {least}, not {value!r}")
    return value


def _flag(tree: Mapping[str, Any], key: str) -> bool:
    if not isinstance(tree.get(key), bool):
        raise InputError(f"{key} must be true or false, not {tree.get(key)!r}")
    return tree[key]


def _finite(value: Any, key: str) -> Any:
    """Return a start condition as it is; which keys it has is the experiment's matter."""
    parts = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    for name, part in parts:
        _finite(part, f"{key}.{name}")
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{key} must be a finite number, not {value}")
    return value
