"""The controller under a spiking brain: rates of its descending neurons become currents."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.brain.connectome import Connectome
from neuromech.brain.named_neurons import Named
from neuromech.controllers.policy import Command, Driven
from neuromech.specs import content
from neuromech.specs.run import Clock, Perturb, Run, Window
from neuromech.world.body import Body


class Below(Driven):
    """A neural controller that hears a brain.

    ``commands`` names its neurons that do; ``gains`` (command, named) are pA per Hz of each named neuron of
    the brain. Its wiring, parameters and senses are its own.
    """

    def __init__(
        self,
        spec: Mapping[str, Any],
        body: Body,
        clock: Clock,
        perturb: Perturb,
        seed: int,
        commands: Sequence[str],
        gains: np.ndarray,
    ) -> None:
        super().__init__(spec, body, clock, perturb, seed, {name: Command((name,), 1.0) for name in commands})
        self._gains = gains

    def hear(self, rates_Hz: np.ndarray) -> None:
        """From now on pass the currents that the brain's rates (named,) make."""
        self.command((self._gains @ rates_Hz).astype(np.float32))


def build(
    spec: Mapping[str, Any], run: Run, body: Body, per_Hz: Mapping[str, float], named: Named
) -> tuple[Below | None, Perturb]:
    """Return the controller under a brain, if there is one, and the perturbations that are the brain's own.

    Raises
    ------
    InputError
        ``descending`` names no neuron there is, or ``under`` no controller of neurons.
    """
    descending = spec["descending"] or {}
    if not spec["under"]:
        if descending:
            raise InputError("controller.descending needs a controller under the brain: set controller.under")
        return None, run.perturb
    under = content.under(spec)
    # What the brain commands nobody else does.
    quiet = {
        section: {name: value for name in descending if name in (under.get(section) or {})}
        for section, value in (("commands", 0.0), ("ramps", []))
    }
    quiet = {section: values for section, values in quiet.items() if values}
    under = content.under(spec, quiet)
    theirs = Connectome.read([Path(folder) for folder in under["folders"]], body.muscles).groups()
    mine, other = _split(run.perturb, named, theirs, f"{spec['under']}.")
    for name in descending:
        if name not in theirs:
            raise unknown(f"neuron of {spec['under']} in controller.descending", str(name), theirs)
        if name not in per_Hz:
            raise InputError(f"parameters: descending_pA_per_Hz.{name} is missing")
    gains = np.zeros((len(descending), len(named.names)), np.float32)
    for row, (name, sources) in enumerate(descending.items()):
        gains[row, named.connectome.resolve(sources)] = per_Hz[name]
    return Below(under, body, run.clock, other, run.seed, list(descending), gains), mine


def _split(perturb: Perturb, named: Named, theirs: Mapping[str, Any], prefix: str) -> tuple[Perturb, Perturb]:
    """Who is meant: a neuron of the brain, or else (or with ``prefix``) one of the controller below."""

    def under(name: str) -> str | None:
        plain = name.removeprefix(prefix)
        return plain if (plain != name or name not in named.connectome.groups()) and plain in theirs else None

    def windows(given: tuple[Window, ...], below: bool) -> tuple[Window, ...]:
        kept = []
        for window in given:
            names = tuple(
                under(name) or name for name in window.neurons if (under(name) is not None) == below
            )
            kept += [replace(window, neurons=names)] if names else []
        return tuple(kept)

    def part(below: bool) -> dict[str, Any]:
        ablate = tuple(under(name) or name for name in perturb.ablate if (under(name) is not None) == below)
        return {
            "ablate": ablate,
            "silence": windows(perturb.silence, below),
            "stimulate": windows(perturb.stimulate, below),
        }

    return replace(perturb, **part(False)), Perturb(**part(True))
