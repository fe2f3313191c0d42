"""Signals without synapses, from extrasynaptic.csv: who releases a transmitter, and who has its receptors.

The table has the columns signal, receptor, kind (monoamine or peptide), releasing, receiving (neurons or
classes, with spaces between them), sign (+1 excites, -1 inhibits, 0 where nobody knows) and source.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from neuromech._lib.errors import InputError
from neuromech.brain import wiring_tables
from neuromech.brain.circuit import Circuit
from neuromech.specs.perturb import Perturb

TABLE = "extrasynaptic.csv"
COLUMNS = ("signal", "receptor", "kind", "releasing", "receiving", "sign", "source")
KINDS = ("monoamine", "peptide")
SIGNS = ("1", "0", "-1")
SECTION = "extrasynaptic"
"""The section of parameters.yaml: `monoamine_s`, `peptide_s` and `threshold`."""
GAINS = "extrasynaptic_pA"
"""The section of parameters.yaml that gives each receptor's current at full signal: by receptor, by signal or
by kind, the first of these that is there."""


@dataclass(frozen=True)
class Signals:
    """The signals of a circuit.

    Parameters
    ----------
    names : of the signals.
    released : (signal, neuron) 1 where a neuron releases it.
    current_pA : (neuron, signal) that a full signal lets into each neuron.
    tau_ms : (signal,) how slowly each rises and is lost.
    threshold : share of the full release of a neuron's synapses above which it releases signals.
    """

    names: tuple[str, ...]
    released: Float[np.ndarray, "signal neuron"]
    current_pA: Float[np.ndarray, "neuron signal"]
    tau_ms: Float[np.ndarray, " signal"]
    threshold: float

    @staticmethod
    def of(circuit: Circuit) -> Signals:
        """Read the table of a circuit's folder; `perturb.scale_extrasynaptic` multiplies its currents.

        Raises
        ------
        InputError
            There is no table, or a cell or a parameter is wrong.
        """
        rows = _rows(circuit.spec.folders)
        p, gains = circuit.parameters[SECTION], circuit.parameters[GAINS]
        if not 0 <= p["threshold"] < 1 or min(p["monoamine_s"], p["peptide_s"]) <= 0:
            raise InputError("parameters: extrasynaptic.threshold must be 0 to 1, and its times above 0")
        names = tuple(dict.fromkeys(row["signal"] for row in rows))
        size = len(circuit.connectome.neurons)
        released, current = np.zeros((len(names), size)), np.zeros((size, len(names)))
        tau_ms = np.ones(len(names))
        for row in rows:
            k = names.index(row["signal"])
            tau_ms[k] = 1e3 * p[f"{row['kind']}_s"]
            released[k, _cells(circuit, row["releasing"])] = 1.0
            keys = (row["receptor"], row["signal"], row["kind"])
            gain = next((gains[key] for key in keys if key in gains), 0.0)
            current[_cells(circuit, row["receiving"]), k] += int(row["sign"]) * gain
        known = {row[key] for row in rows for key in ("receptor", "signal", "kind")}
        if strange := [name for name in gains if name not in known]:
            raise InputError(f"parameters: {GAINS}.{strange[0]} is no receptor, signal or kind of {TABLE}")
        return Signals(names, released, current * circuit.perturb.scale_extrasynaptic, tau_ms, p["threshold"])


def refuse(perturb: Perturb, name: str, sections: Collection[str] = ()) -> None:
    """Refuse to scale signals in a brain that has none; `sections` are those that its model reads.

    Raises
    ------
    InputError
        The perturbation scales them.
    """
    if perturb.scale_extrasynaptic != 1 and SECTION not in sections:
        raise InputError(f"{name} has no extrasynaptic signals for perturb.scale_extrasynaptic to scale")


def _rows(folders: Sequence[Path | str]) -> list[Mapping[str, str]]:
    path = next((Path(each) / TABLE for each in folders if (Path(each) / TABLE).is_file()), None)
    if path is None:
        raise InputError(f"{folders[-1]} has no {TABLE}, which a model of extrasynaptic signals reads")
    found = []
    for line, row in wiring_tables.rows(path, COLUMNS[:-1]):  # not every sign has a source
        for key, allowed in (("kind", KINDS), ("sign", SIGNS)):
            if row[key] not in allowed:
                expected = ", ".join(allowed)
                raise InputError(f"{path}, line {line}: {key} must be one of {expected}, not {row[key]}")
        found.append(row)
    return found


def _cells(circuit: Circuit, names: str) -> np.ndarray:
    return circuit.connectome.resolve(names.split())
