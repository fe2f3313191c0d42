"""The cells of Nicoletti et al. 2019 and 2024 once more, as their scripts have them, for scipy.

Constants are those of the scripts before shifts and factors are multiplied out. mV, ms, nS, pA, pF, mM.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

EK, ECA, ENCA = -80.0, 60.0, 30.0
FARADAY = 96485.0
Gate = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""A steady state and a time constant, functions of the potential."""


def rise(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def fall(x: Any) -> Any:
    return 1 / (1 + np.exp(x))


def bell(v: Any, scale: float, left: float, left_slope: float, right: float, right_slope: float) -> Any:
    return scale / (np.exp(-(v - left) / left_slope) + np.exp((v - right) / right_slope))


def egl19_h(v: Any) -> Any:
    return (1.4314 * rise((v - 24.8573 + 10) / 11.9541) + 0.1427) * (
        5.9589 * fall((v + 10.5428 + 10) / 8.0552) + 0.6038
    )


def unc103_tau(v: Any, a: float, b: float, c: float, d: float) -> Any:
    return (a * fall((v - b) / c) + d) * (a * rise((v - b) / c) + d)


def shl1_gates(rmd: bool) -> dict[str, Gate]:
    if rmd:
        return {
            "m": (
                lambda v: rise((v - 11.2 + 18) / 14.1),
                lambda v: 0.1 * (bell(v, 13.8, -17.5165, 12.9213, -3.7082, 6.4876) + 1.8849),
            ),
            "hf": (
                lambda v: fall((v + 33.1 + 18) / 8.3),
                lambda v: 0.1 * (539.1584 * fall((v + 28.199) / 4.9199) + 27.2811),
            ),
            "hs": (
                lambda v: fall((v + 33.1 + 18) / 8.3),
                lambda v: 0.1 * (8422 * fall((v + 37.7391) / 6.3785) + 118.8983),
            ),
        }
    return {
        "m": (
            lambda v: rise((v - 10.26 + 10) / 16.25),
            lambda v: (bell(v, 13.8, -40, 12.9213, -40, 6.4876) + 1.8849) / 2,
        ),
        "hf": (
            lambda v: fall((v + 40 + 10) / 8.3),
            lambda v: (539.1584 * fall((v + 60) / 4.9199) + 27.2811) / 3,
        ),
        "hs": (lambda v: fall((v + 40 + 10) / 8.3), lambda v: 8422 * fall((v + 60) / 6.3785) + 118.8983),
    }  # fmt: skip


def shk1_gates(half: float, slope: float) -> dict[str, Gate]:
    return {
        "m": (
            lambda v: rise((v - half) / slope),
            lambda v: (
                26.571450568169027
                / (np.exp(-(v + 33.741611800716130) / 15.364937728953288)
                   + np.exp((v + 33.741611800716130) / 15.757936311607475))
                + 1.990037272604829
            ),
        ),
        "h": (lambda v: fall((v + 6.95) / 5.8), lambda v: 1400 + 0 * v),
    }  # fmt: skip


GATES: dict[str, dict[str, Gate]] = {
    "EGL19": {
        "m": (
            lambda v: rise((v - 5.6 + 10) / 7.5),
            lambda v: (2.3359 + 2.9324 * np.exp(-((v - 5.2357 + 10) ** 2) / 6.0**2)
                       + 1.8739 * np.exp(-((v - 1.3930 + 10) ** 2) / 30.0**2)),
        ),
        "h": (
            egl19_h,
            lambda v: 0.4 * (0.55 * 81.1179 * fall((v + 22.9723 + 10) / 5) + 43.0937
                             + 0.9 * 40.4885 * fall((v - 28.7251 + 10) / 3.7125)),
        ),
    },
    "UNC2": {
        "m": (
            lambda v: rise((v + 12.17 + 25) / 3.97),
            lambda v: 3 * (bell(v + 30, 1.4969, -8.1761, 9.0753, -8.1761, 15.3456) + 0.1029),
        ),
        "h": (
            lambda v: fall((v + 52.47 + 25) / 5.6),
            lambda v: 1.7 * (83.8037 * fall((v - 52.8997 + 30) / 3.4557)
                             + 72.0995 * rise((v - 23.9009 + 30) / 3.5903)),
        ),
    },
    "CCA1": {
        "m": (
            lambda v: rise((v + 42.65 + 15) / (1.7 * 1.4)),
            lambda v: 0.5 * (40 * rise((v + 62.5393 + 30) / (-12.4758 * 1.7)) + 0.6947),
        ),
        "h": (
            lambda v: fall((v + 58 + 15) / (7 * 1.15)),
            lambda v: 0.08 * (280 * fall((v + 60.7312 + 15) / (8.5224 * 1.1)) + 19.7456),
        ),
    },
    "SHL1": shl1_gates(True),
    "SHL1_AIY": shl1_gates(False),
    "SHK1": shk1_gates(20.4, 7.7),
    "SHK1_VD": shk1_gates(2.0, 10.0),
    "EGL36": {
        name: (lambda v: rise((v - 63) / 28.5), lambda v, tau=tau: tau + 0 * v)
        for name, tau in (("slow", 355.0), ("medium", 63.0), ("fast", 13.0))
    },
    "IRK": {
        "m": (
            lambda v: fall((v + 52 + 30) / 13),
            lambda v: 17.0752 / (np.exp(-(v + 17.8258) / 20.3154) + np.exp((v + 43.4414) / 11.1691)) + 3.8329,
        )
    },
    "KQT1": {
        "m": (
            lambda v: rise((v + 17.6053) / 9.5843),
            lambda v: 895.9 / (1 + np.exp((-18.01 - v) / 31.04)) + 10,
        ),
        "s": (
            lambda v: 0.41 * fall((v + 86.84) / 15.05) + 0.59 * fall((v - 70.13) / 13.37),
            lambda v: 1077 + 185845 / (1 + ((v - 39.44) / 7.34) ** 2),
        ),
    },
    "UNC103": {
        "m": (lambda v: rise((v + 15.1) / 7.85), lambda v: unc103_tau(v, 87.4088, -28.3339, 13.0998, 0.2562)),
        "h": (lambda v: fall((v + 48) / 28), lambda v: unc103_tau(v, 8.1559, -25.289, 29.5074, 0.23)),
    },
}  # fmt: skip
OPEN: dict[str, Callable[..., Any]] = {
    "EGL19": lambda m, h: m * h,
    "UNC2": lambda m, h: m * h,
    "CCA1": lambda m, h: m**2 * h,
    "SHL1": lambda m, hf, hs: m**3 * (0.7 * hf + 0.3 * hs),
    "SHL1_AIY": lambda m, hf, hs: m * (0.8 * hf + 0.2 * hs),
    "SHK1": lambda m, h: m * h,
    "SHK1_VD": lambda m, h: m * h,
    "EGL36": lambda slow, medium, fast: 0.31 * slow + 0.36 * medium + 0.39 * fast,
    "IRK": lambda m: m,
    "KQT1": lambda m, s: m * s,
    "UNC103": lambda m, h: m * h,
}
SLO1 = (3.152961, 0.012643, 34.338784, 0.000100, 0.156217, -0.027527, 55.726816, 1.299198)
SLO2 = (0.896395, 0.019405, 3294.553404, 0.000010, 0.026719, -0.024123, 93.449423, 1.835067)
PARTNERED = {"SLO1_EGL19": ("EGL19", SLO1), "SLO1_UNC2": ("UNC2", SLO1), "SLO2_EGL19": ("EGL19", SLO2),
             "SLO2_UNC2": ("UNC2", SLO2)}  # fmt: skip
ALONE = {"SLO1": SLO1, "SLO2": SLO2}


def mouth_uM(v: Any) -> Any:
    """Calcium beside an open calcium channel."""
    r, d, kb, b, gsc = 13e-9, 250e-12, 500e6, 30e-6, 40e-12
    return (
        np.abs(gsc * (v - ECA) * 1e-3)
        / (8 * np.pi * r * d * FARADAY)
        * np.exp(-r / np.sqrt(d / (kb * b)))
        * 1e6
        * 1e-3
        + 0.05
    )


def partnered(name: str, v: Any, m: Any) -> tuple[Any, Any]:
    """Steady state and time constant of a SLO channel beside a calcium channel with activation m."""
    partner, (wom, wyx, kyx, nyx, wop, wxy, kxy, nxy) = PARTNERED[name]
    steady, tau = GATES[partner]["m"]
    alpha = steady(v) / tau(v)
    beta = 1 / tau(v) - alpha
    kcm = wom * np.exp(-wyx * v) / (1 + (0.05 / kyx) ** nyx)
    kom = wom * np.exp(-wyx * v) / (1 + (mouth_uM(v) / kyx) ** nyx)
    kop = wop * np.exp(-wxy * v) / (1 + (kxy / mouth_uM(v)) ** nxy)
    below = (kop + kom) * (kcm + alpha) + beta * kcm
    return m * kop * (alpha + beta + kcm) / below, (alpha + beta + kcm) / below


def alone(name: str, v: Any, calcium_mM: Any) -> tuple[Any, Any]:
    """Steady state and time constant of a SLO channel on its own."""
    wom, wyx, kyx, nyx, wop, wxy, kxy, nxy = ALONE[name]
    uM = calcium_mM * 1e3
    s0 = 1 / (wyx - wxy)
    v0 = s0 * (np.log(wom / wop) + np.log(1 + (kxy / uM) ** nxy) - np.log(1 + (uM / kyx) ** nyx))
    steady = rise((v - v0) / s0)
    return steady, np.exp(wxy * v) / wop * (1 + (kxy / uM) ** nxy) * steady


class Cell:
    """One cell: capacitance, leak, conductances by channel, and how calcium goes."""

    def __init__(self, c: float, leak: tuple[float, float], g: dict[str, float], calcium: str) -> None:
        self.c, self.leak, self.g, self.calcium = c, leak, g, calcium
        self.names: list[tuple[str, str]] = []
        for name in g:
            if name in GATES:
                self.names += [(name, gate) for gate in GATES[name]]
            elif name != "NCA":
                self.names.append((name, "m"))

    def slopes(self, v: Any, y: np.ndarray) -> tuple[np.ndarray, float]:
        """Slopes of the gates and of calcium, and the outward current (pA), at a potential."""
        state: dict[str, dict[str, Any]] = {}
        for (name, gate), value in zip(self.names, y, strict=False):
            state.setdefault(name, {})[gate] = value
        calcium = y[-1]
        out, total, inward = [], self.leak[0] * (v - self.leak[1]), 0.0
        for name, g in self.g.items():
            if name == "NCA":
                total += g * (v - ENCA)
            elif name in GATES:
                reversal = ECA if name in ("EGL19", "UNC2", "CCA1") else EK
                current = g * OPEN[name](**state[name]) * (v - reversal)
                total += current
                inward += current if reversal == ECA else 0.0
                out += [
                    (steady(v) - state[name][gate]) / tau(v) for gate, (steady, tau) in GATES[name].items()
                ]
            elif name in PARTNERED:
                partner = state[PARTNERED[name][0]]
                steady, tau = partnered(name, v, partner["m"])
                total += g * state[name]["m"] * partner["h"] * (v - EK)
                out.append((steady - state[name]["m"]) / tau)
            else:
                if name == "KCNL":
                    steady, tau = calcium / (0.00033 + calcium), 6.3
                else:
                    steady, tau = alone(name, v, max(calcium, 1e-4 if self.calcium == "shell" else 0.0))
                total += g * state[name]["m"] * (v - EK)
                out.append((steady - state[name]["m"]) / tau)
        if self.calcium == "pool":
            out.append(-0.001 / (2 * 5.65 * 96.485) * min(inward, 0.0) - (calcium - 5e-5) / 50)
        elif self.calcium == "shell":
            density = inward * 1e-9 / 351.53e-8  # mA/cm2
            slope = 10000 * (-density / (2 * FARADAY * 0.1) - 0.0001 * calcium)
            out.append(max(slope, 0.0) if calcium <= 1e-4 else slope)
        else:
            out.append(0.0)
        return np.array(out), float(total)

    def start(self, v: float) -> np.ndarray:
        """Gates long after a clamp at a potential."""
        y = np.array(
            [GATES[name][gate][0](v) if name in GATES else 0.0 for name, gate in self.names] + [5e-5]
        )
        if self.calcium == "shell":
            y[-1] = 1e-4
        return solve_ivp(lambda _, y: self.slopes(v, y)[0], (0, 3000), y, "LSODA", rtol=1e-8, atol=1e-10).y[
            :, -1
        ]

    def current_clamp(self, v: float, pulses: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
        """Times (ms) and potentials under [(duration_ms, pA), ...], from a clamp at v."""
        y, times, potentials, t = np.append(self.start(v), v), [], [], 0.0
        for duration, current in pulses:

            def slope(_: float, y: np.ndarray, current: float = current) -> np.ndarray:
                gates, outward = self.slopes(y[-1], y[:-1])
                return np.append(gates, (current - outward) / self.c)

            at = np.arange(1, round(duration) + 1.0)
            found = solve_ivp(slope, (0, duration), y, "LSODA", at, rtol=1e-7, atol=1e-9, max_step=2.0)
            y = found.y[:, -1]
            times.append(t + at)
            potentials.append(found.y[-1])
            t += duration
        return np.concatenate(times), np.concatenate(potentials)

    def voltage_clamp(self, hold: float, command: float, duration: float) -> np.ndarray:
        """Outward current (pA) at every ms after a step from one potential to another."""
        at = np.arange(1, round(duration) + 1.0)
        found = solve_ivp(
            lambda _, y: self.slopes(command, y)[0], (0, duration), self.start(hold), "LSODA", at, rtol=1e-8,
            atol=1e-10,
        )  # fmt: skip
        return np.array([self.slopes(command, y)[1] for y in found.y.T])


CELLS = {
    "RMD": Cell(
        1.2,
        (0.4, -80.0),
        {"EGL19": 0.99, "UNC2": 0.9, "CCA1": 3.1, "SHL1": 2.48, "SHK1": 1.1, "EGL36": 1.3, "IRK": 0.2,
         "SLO1_UNC2": 0.3, "SLO1_EGL19": 0.3, "SLO2_EGL19": 0.3, "SLO2_UNC2": 0.3, "KCNL": 0.06, "NCA": 0.05},
        "pool",
    ),
    "AIY": Cell(
        1.6 * 65.89e-8 * 1e6,
        (0.14, -89.57),
        {"EGL19": 0.1, "SLO1_EGL19": 0.92, "SLO1": 1.0, "KQT1": 0.2, "SHL1_AIY": 0.5, "NCA": 0.06},
        "constant",
    ),
    "AVAL": Cell(0.859551 * 1123.84e-8 * 1e6, (0.150164, -39.0), {"EGL19": 0.104385, "IRK": 0.1}, "constant"),
    "AVAR": Cell(
        0.751761 * 1121.79e-8 * 1e6,
        (0.225225, -37.0),
        {"EGL19": 0.0643372, "IRK": 0.042079, "UNC103": 0.0481669, "NCA": 0.0493356},
        "constant",
    ),
    "VD": Cell(
        351.53e-8 * 1e6,
        (0.2, -75.0),
        {"EGL19": 0.9, "CCA1": 0.1, "SLO2_EGL19": 1.7, "SLO2": 1.7, "IRK": 0.7, "SHK1_VD": 1.2, "NCA": 0.09},
        "shell",
    ),
}  # fmt: skip
