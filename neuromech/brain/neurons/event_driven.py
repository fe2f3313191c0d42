"""Spiking neurons on a CPU, event by event: what nobody excites costs nothing.

Between events a neuron's pair (u, g), potential above rest and synaptic drive, is linear:

    du/dt = (g + D - u) / tau_m,    dg/dt = -g / tau_g

With c = tau_g / (tau_g - tau_m), x = u - D - c g decays with tau_m and g with tau_g, so that a neuron is
carried over any time by two factors from a table. Put y for the decay of x and p = tau_m / tau_g: then

    u = D + x y + c g y^p

whose maximum over the future is known, and a neuron whose maximum does not reach the threshold needs no look
until something arrives. Only the others are stepped.
"""

import math
from typing import Any

import numba
import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.state import Stateful
from neuromech.brain.neurons.lif import Membrane, Spikes
from neuromech.brain.neurons.synapses import Synapses

FADED = 70.0
"""Time constants after which a potential is gone: of 1 mV less than 1e-30 mV is left, which rounds away in
any sum."""
SLACK = 1.0 + 1e-9
"""Factor by which the coming maximum of a potential may miss the threshold and the neuron is still stepped:
far more than rounding, and hardly ever met."""
X, G, STAMP = 0, 1, 2
"""Columns of a neuron: its two decaying parts, and a stamp. The stamp is twice the step that the parts are
of, or one less than twice the step in which the neuron will be free again: it is held while the stamp exceeds
twice the present step."""
ROW = 4
"""Numbers that a neuron takes in memory: with one unused, none lies across two lines of the cache."""


class EventNetwork(Stateful):
    """A spiking network of which only active neurons and synapses are touched, in float64.

    Parameters
    ----------
    synapses : (n neurons) who reaches whom.
    membrane : constants of every neuron.
    """

    state_names = (
        "_cells", "_drive", "_muted", "_listed", "_list", "_counts", "_ring", "_waiting", "_step",
    )  # fmt: skip

    def __init__(self, synapses: Synapses, membrane: Membrane) -> None:
        self.synapses, self.membrane = synapses, membrane
        n = synapses.size
        steps = np.append(np.arange(math.ceil(FADED * membrane.membrane_ms / membrane.step_ms)), np.inf)
        self._decay = np.exp(
            -steps[:, None] * membrane.step_ms / np.array([membrane.membrane_ms, membrane.synapse_ms])
        )
        self._muted = np.zeros(n, bool)
        self._dead = np.zeros(n, bool)
        self._refractory = np.full(n, membrane.refractory_steps, np.int32)
        self._drive = np.zeros(n)
        room = np.zeros(n * ROW + 8)
        first = -room.ctypes.data % 64 // 8
        self._cells = room[first : first + n * ROW].reshape(n, ROW)
        self._listed = np.zeros(n, bool)
        self._list = np.zeros(n, np.int32)
        self._ring = np.zeros((membrane.delay_steps + 1, n), np.int32)
        self._out_step, self._out_cell = np.zeros(1 << 14, np.int64), np.zeros(1 << 14, np.int32)
        self.reset()

    @property
    def size(self) -> int:
        """Number of neurons."""
        return self.synapses.size

    @property
    def at_risk(self) -> int:
        """Number of neurons that are looked at in every step: those that may fire without further input."""
        return int(self._counts[0])

    def reset(self) -> None:
        """Put every neuron at rest at step 0; who is dead, muted or never refractory stays so, drives end."""
        self._drive[:] = 0.0
        self._cells[:] = 0.0
        self._cells[:, STAMP] = -2.0
        self._cells[self._dead, STAMP] = np.inf
        self._listed[:] = False
        self._counts = np.zeros(2, np.int64)  # of the list, of the spikes written
        self._waiting = np.zeros(len(self._ring), np.int64)
        self._step = 0

    def restore_state(self, state: Any) -> None:
        """Go on from what `save_state` of a network like this one returned.

        Raises
        ------
        InputError
            The state is that of another network, or is inconsistent.
        """
        before = {name: getattr(self, name) for name in self.state_names}
        super().restore_state(state)
        fits = all(np.shape(getattr(self, name)) == np.shape(value) for name, value in before.items())
        if not fits or not self._is_consistent():
            vars(self).update(before)
            raise InputError("the state does not fit: it is of other spiking neurons")
        # The array that a neuron never shares a line of the cache in is kept.
        before["_cells"][:], self._cells = self._cells, before["_cells"]

    def _is_consistent(self) -> bool:
        """Return whether compiled code, which does not check, stays within the arrays."""
        n, stamps, listed = self.size, self._cells[:, STAMP], self._list[: max(int(self._counts[0]), 0)]
        rows = [row[:count] for row, count in zip(self._ring, self._waiting, strict=True)]
        return bool(
            0 <= self._counts[0] <= n
            and self._step >= 0
            and (stamps >= -2.0).all()
            and np.array_equal(np.sort(listed), np.flatnonzero(self._listed))
            and ((self._waiting >= 0) & (self._waiting <= n)).all()
            and all(((row >= 0) & (row < n)).all() for row in rows)
        )

    def ablate(self, cells: np.ndarray) -> None:
        """From now on these neurons neither receive nor fire."""
        self._dead[cells] = True
        self._cells[cells, STAMP] = np.inf
        self._listed[self._dead] = False
        kept = [cell for cell in self._list[: self._counts[0]] if not self._dead[cell]]
        self._list[: len(kept)] = kept
        self._counts[0] = len(kept)

    def mute(self, muted: np.ndarray) -> None:
        """Set whose spikes reach nobody (neuron,) when they arrive, the published model's silencing."""
        self._muted[:] = muted

    def unrefract(self, cells: np.ndarray) -> None:
        """From now on these neurons, and no others, are not refractory beyond the step in which they fire."""
        self._refractory[:] = self.membrane.refractory_steps
        self._refractory[cells] = 0

    def drive(self, drive_mV: np.ndarray) -> None:
        """Set the steady potential (neuron,) that currents would take each neuron to, mV above rest."""
        changed = np.flatnonzero(drive_mV != self._drive).astype(np.int32)
        _drive(changed, drive_mV, self._drive, self._cells, self._decay, self._step, self._list, self._listed,
               self._counts)  # fmt: skip

    def advance(self, steps: int, kick_step: np.ndarray, kick_cell: np.ndarray) -> Spikes:
        """Take `steps` steps; each kick adds `kick_mV` to a neuron's potential in its step.

        `kick_step` (kick,), rising, counts from 0 for the first of these steps. Returns the spikes, in
        order, with their steps counted since the last reset.
        """
        m = self.membrane
        kicks = np.asarray(kick_step, np.int64) + self._step
        cells = np.asarray(kick_cell, np.int32)
        constants = (
            m.threshold_mV - m.rest_mV,
            m.weight_mV,
            m.kick_mV,
            m.mode,
            m.ratio,
            m.risk,
            m.delay_steps,
        )
        first, stop = 0, self._step + steps
        self._counts[1] = 0
        while self._step < stop:
            self._step, first = _advance(
                self._step, stop, first, kicks, cells, constants, self._decay, self.synapses.start,
                self.synapses.post, self.synapses.count, self._cells, self._drive, self._muted,
                self._refractory, self._list, self._listed, self._counts, self._ring, self._waiting,
                self._out_step, self._out_cell,
            )  # fmt: skip
            if self._step < stop:  # the page of spikes is full
                self._out_step = np.concatenate([self._out_step, np.zeros_like(self._out_step)])
                self._out_cell = np.concatenate([self._out_cell, np.zeros_like(self._out_cell)])
        written = self._counts[1]
        return Spikes(self._out_step[:written].copy(), self._out_cell[:written].copy())

    def potential(self) -> np.ndarray:
        """Return the membrane potentials now, mV (neuron,)."""
        m, stamp = self.membrane, np.minimum(self._cells[:, STAMP], 2.0 * (self._step - 1))
        age = np.ceil(self._step - 1 - 0.5 * stamp).astype(np.int64)
        decay = self._decay[np.minimum(age, len(self._decay) - 1)]
        x, g = self._cells[:, X] * decay[:, 0], self._cells[:, G] * decay[:, 1]
        return m.rest_mV + self._drive + x + m.mode * g


@numba.njit(cache=True, inline="always")
def _carry(cells, i, step, decay):
    """Bring the two parts of a neuron to `step`."""
    age = (int(2 * step - cells[i, STAMP]) + 1) >> 1
    age = min(age, decay.shape[0] - 1)
    cells[i, X] *= decay[age, 0]
    cells[i, G] *= decay[age, 1]
    cells[i, STAMP] = 2 * step


@numba.njit(cache=True, inline="always")
def _will_cross(x, g, mode, ratio, risk):
    """Return whether an undriven neuron below the threshold may rise over it without further input."""
    power = x * x * x * x if ratio == 4.0 else math.pow(max(x, 0.0), ratio)
    # Without branches, which the processor could not predict: that would take longer than the products.
    return (g > 0.0) & (x > 0.0) & (x < -mode * ratio * g) & (power * SLACK >= risk * g)


@numba.njit(cache=True)
def _drive(changed, wanted, drive, cells, decay, step, listing, listed, counts):
    for i in changed:
        if cells[i, STAMP] <= 2 * step:
            _carry(cells, i, step - 1, decay)
        cells[i, X] += drive[i] - wanted[i]
        drive[i] = wanted[i]
        if not listed[i] and cells[i, STAMP] < np.inf:
            listed[i] = True
            listing[counts[0]] = i
            counts[0] += 1


@numba.njit(cache=True)
def _advance(
    step, stop, kick, kick_step, kick_cell, constants, decay, start, post, count, cells, drive, muted,
    refractory, listing, listed, counts, ring, waiting, out_step, out_cell,
):  # fmt: skip
    """Step until `stop`, or until the page of spikes may be too short; returns the next step and kick."""
    threshold, weight, kick_mV, mode, ratio, risk, delay = constants
    rows = ring.shape[0]
    here, written = counts[0], counts[1]
    while step < stop and written + here <= len(out_step):
        # State and thresholds: only those at risk.
        kept, fired, row = 0, 0, step % rows
        for k in range(here):
            i = listing[k]
            driven = drive[i] != 0.0
            if cells[i, STAMP] > 2 * step:  # only a driven one stays listed while it is held
                listing[kept] = i
                kept += 1
                continue
            _carry(cells, i, step, decay)
            x, g = cells[i, X], cells[i, G]
            if drive[i] + x + mode * g > threshold:
                ring[row, fired] = i
                fired += 1
                out_step[written] = step
                out_cell[written] = i
                written += 1
                cells[i, X] = -drive[i]
                cells[i, G] = 0.0
                cells[i, STAMP] = 2 * (step + max(refractory[i], 1)) - 1
                if not driven:
                    listed[i] = False
                    continue
            elif not driven and not _will_cross(x, g, mode, ratio, risk):
                listed[i] = False
                continue
            listing[kept] = i
            kept += 1
        here = kept
        waiting[row] = fired
        # Synapses: spikes of `delay` steps ago.
        row = (step - delay) % rows
        for k in range(waiting[row]):
            pre = ring[row, k]
            if muted[pre]:
                continue
            for edge in range(start[pre], start[pre + 1]):
                i = np.uintp(post[edge])  # unsigned: numba then skips the look for negative indices
                if cells[i, STAMP] > 2 * step:
                    continue
                _carry(cells, i, step, decay)
                added = weight * count[edge]
                g = cells[i, G] + added
                x = cells[i, X] - mode * added
                cells[i, G] = g
                cells[i, X] = x
                # Inhibition brings no neuron nearer to the threshold.
                if (added > 0.0) & _will_cross(x, g, mode, ratio, risk) and not listed[i]:
                    listed[i] = True
                    listing[here] = i
                    here += 1
        while kick < len(kick_step) and kick_step[kick] <= step:
            i = kick_cell[kick]
            kick += 1
            if cells[i, STAMP] > 2 * step:
                continue
            _carry(cells, i, step, decay)
            cells[i, X] += kick_mV
            x, g = cells[i, X], cells[i, G]
            if not listed[i] and (x + mode * g > threshold or _will_cross(x, g, mode, ratio, risk)):
                listed[i] = True
                listing[here] = i
                here += 1
        step += 1
    counts[0], counts[1] = here, written
    return step, kick
