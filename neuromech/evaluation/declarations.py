"""What a model is, by the dimensions in which models of whole brains are rated, each with its evidence.

The dimensions are those of the State of Brain Emulation Report 2025: neurons covered, connectivity, cell
types, neuron model, plasticity, neuromodulation, time resolution. What is said is read off the controller's
own folder.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from neuromech.evaluation.questions import Question
from neuromech.specs.controller import CONNECTIONS, SpikingSpec, WiredSpec, has_ion_channels
from neuromech.specs.run import Run

NOTHING = "nothing is known of an object from Python: its author has to say"
MODULATORS = ("dopamine", "serotonin", "octopamine", "tyramine", "peptide")
"""Transmitters that are neuromodulators, as tables of neurons and connections name them."""


@dataclass(frozen=True)
class Declaration:
    """What is said of a model in one dimension, and what shows it."""

    dimension: str
    said: str
    evidence: str


def of(question: Question) -> list[Declaration]:
    """Return the declarations of the controller that a question is asked of."""
    if question.own is not None:
        return [Declaration("all", "not declared", NOTHING)]
    run = question.first
    folders = [Path(each) for each in run.controller.folders]
    table = run.controller.connections if isinstance(run.controller, WiredSpec) else CONNECTIONS
    neurons, connections = _table(folders, "neurons.csv"), _table(folders, table)
    model = run.controller.model
    if has_ion_channels(run.controller):
        model += ", some with ion channels"
    return [
        _neurons(neurons, run),
        _connections(connections, table),
        _types(neurons),
        Declaration("neuron model", model, f"model of controllers/{run.controller.name}/controller.yaml"),
        Declaration("plasticity", "none", "no neuron model of this program changes a weight in an episode"),
        _modulation(neurons, connections),
        _time(run),
    ]


def _neurons(neurons: pd.DataFrame | None, run: Run) -> Declaration:
    if neurons is None:
        said = "wiring from elsewhere" if isinstance(run.controller, SpikingSpec) else "none"
        return Declaration("neurons covered", said, f"controllers/{run.controller.name} has no neurons.csv")
    return Declaration("neurons covered", f"{len(neurons)}", f"rows of {run.controller.name}/neurons.csv")


def _connections(connections: pd.DataFrame | None, table: str) -> Declaration:
    if connections is None:
        return Declaration("connectivity", "none in the folder", f"there is no {table}")
    kinds = (
        Counter(map(str, connections["kind"])) if "kind" in connections else {"of any kind": len(connections)}
    )
    said = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in kinds.items())
    return Declaration("connectivity", said, f"rows of {table} by their kind; its README has the source")


def _types(neurons: pd.DataFrame | None) -> Declaration:
    if neurons is None or "class" not in neurons:
        return Declaration("cell types", "none", "there is no table of neurons with classes")
    count = neurons["class"].nunique()
    return Declaration(
        "cell types", f"{count} classes", "different entries of the column class of neurons.csv"
    )


def _modulation(neurons: pd.DataFrame | None, connections: pd.DataFrame | None) -> Declaration:
    if connections is not None and "kind" in connections:
        wireless = [kind for kind in connections["kind"].unique() if str(kind).startswith("extrasynaptic")]
        if wireless:
            return Declaration("neuromodulation", "extrasynaptic edges", "connections.csv holds such a kind")
    if neurons is None or "transmitter" not in neurons:
        return Declaration("neuromodulation", "none", "no transmitters are named")
    named = neurons["transmitter"].astype(str).str.lower()
    count = int(named.str.contains("|".join(MODULATORS)).sum())
    said = "none beyond the sign of a fast synapse" if count else "none"
    return Declaration("neuromodulation", said, f"{count} neurons with a modulator as their transmitter")


def _time(run: Run) -> Declaration:
    step_ms = 1e3 * run.clock.control_s / run.clock.brain_substeps
    said = f"{step_ms:g} ms in the brain, {1e3 * run.clock.control_s:g} ms between brain and body"
    return Declaration("time resolution", said, "the clock of the experiment")


def _table(folders: list[Path], name: str) -> pd.DataFrame | None:
    files = [folder / name for folder in reversed(folders) if (folder / name).is_file()]
    return pd.read_csv(files[0]) if files else None
