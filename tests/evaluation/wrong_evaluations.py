"""Evaluations with one mistake each: what is put where, and what the line must say."""

from __future__ import annotations

from typing import Any

GONE = object()
"""Stands for a key that is taken out."""

RIGHT: dict[str, Any] = {
    "title": "Crawling",
    "seeds": 2,
    "rows": {
        "crawl": {
            "title": "crawl",
            "kind": "behaviour",
            "target": "faster than 0.1 mm/s",
            "run": {"experiment": "worm_crawl", "duration_s": 2},
            "measure": [{"metric": "speed_mm_s", "at_least": 0.1, "label": "mm/s"}],
        },
        "still": {
            "title": "no AVB",
            "kind": "perturbation",
            "control": "crawl",
            "run": {"experiment": "worm_crawl", "duration_s": 2, "perturb": {"ablate": ["AVB"]}},
            "measure": [{"metric": "speed_mm_s", "against": "crawl", "at_most": 0.5}],
        },
    },
}

ROW = ("rows", "crawl")
MEASURE = (*ROW, "measure", 0)

DOWN = {"start": 1, "stop": 0, "step": 1, "command": "a"}
NOTHING = {"start": 0, "stop": 1, "step": 0.1}
FINE = {"start": 0, "stop": 1, "step": 1e-9, "command": "a"}
LIMBS = {"hl": "A", "hr": "B", "fl": "C", "fr": "D"}
RHYTHM = {"limbs": {"left": ["AVAL"]}}

WRONG: list[tuple[tuple[Any, ...], Any, str]] = [
    (("title",), GONE, "title is missing"),
    (("seeds",), 0, "seeds must be a whole number between 1 and 10000, not 0"),
    (("seeds",), 10**12, "seeds must be a whole number between 1 and 10000"),
    (("seeds",), "20", "seeds must be a whole number"),
    (("rows",), {}, "rows must hold 1 to 1000 rows, not 0"),
    (("rows",), ["crawl"], "rows must be"),
    (("variants",), {"a": {"seed": 3}}, "variants.a: seed is set by the evaluation itself; leave it out"),
    (("variants",), {"a": 3}, "variants.a must be"),
    (("rwos",), 1, "unknown key 'rwos'; nearest: rows"),
    (("python",), "os.system('rm -rf /')", "unknown key 'python'"),
    ((*ROW, "kind"), "behavior", "rows.crawl.kind must be behaviour,"),
    ((*ROW, "kind"), "atlas", "a row of kind atlas needs atlas"),
    ((*ROW, "atlas"), {"measured": "a.npz"}, "atlas belongs to rows of kind atlas, not behaviour"),
    ((*ROW, "title"), "", "rows.crawl.title must be text"),
    ((*ROW, "titel"), "x", "unknown key 'rows.crawl.titel'; nearest: rows.crawl.title"),
    ((*ROW, "control"), "crwal", "unknown row 'crwal'; nearest: crawl"),
    ((*ROW, "control"), "crawl", "a row cannot be judged against itself"),
    ((*ROW, "window_s"), [3, 1], "window_s must end later than it begins, not [3, 1]"),
    ((*ROW, "window_s"), [-1, 1], "window_s"),
    ((*ROW, "window_s"), [5, None], "window_s begins at 5 s, after the end, duration_s=2"),
    ((*ROW, "measure"), [], "rows.crawl.measure must be a list"),
    ((*MEASURE, "metric"), "sped_mm_s", "unknown metric 'sped_mm_s'; nearest: speed_mm_s"),
    ((*MEASURE, "metric"), "__import__('os')", "unknown metric"),
    ((*MEASURE, "at_most"), 0.05, "at_least=0.1 is above at_most=0.05"),
    ((*MEASURE, "at_least"), float("nan"), "at_least"),
    ((*MEASURE, "at_least"), "0.1", "at_least must be a number"),
    ((*MEASURE, "reduce"), "mode", "reduce must be mean, median, max, min, share_above or share_below"),
    ((*MEASURE, "reduce"), "share_above", "threshold goes with reduce"),
    ((*MEASURE, "threshold"), 0.5, "threshold goes with reduce"),
    ((*MEASURE, "against"), "walk", "unknown row 'walk'"),
    ((*MEASURE, "how"), "ratoi", "how must be ratio or difference, not 'ratoi'; nearest: ratio"),
    ((*ROW, "run"), {"experiment": "worm_crwal"}, "unknown experiment 'worm_crwal'; nearest: worm_crawl"),
    ((*ROW, "run", "seed"), 3, "seed is set by the evaluation itself"),
    ((*ROW, "run", "output"), "/etc", "output is set by the evaluation itself"),
    ((*ROW, "run", "duration_s"), "${oc.env:HOME}", "nothing is looked up here"),
    ((*ROW, "run", "perturb"), {"abalte": ["AVB"]}, "unknown key 'perturb.abalte'; nearest: perturb.ablate"),
    ((*ROW, "run", "a key, with spaces"), 1, "a key, with spaces"),
    ((*ROW, "vary"), "environment..draw", "environment..draw"),
    ((*ROW, "drive"), "alpha", "unknown command 'alpha'"),
    ((*ROW, "passes"), "most", "passes must be all or any"),
    ((*ROW, "isolated"), {}, "isolated needs rhythm or gait"),
    ((*ROW, "isolated"), {"rhythm": {"limbs": {}}}, "limbs"),
    ((*ROW, "isolated"), {"gait": LIMBS}, "isolated.gait needs isolated.sweep"),
    (
        (*ROW, "isolated"),
        {"gait": LIMBS, "sweep": DOWN},
        "must rise",
    ),
    (
        (*ROW, "isolated"),
        {"gait": LIMBS, "sweep": NOTHING},
        "give command or inject",
    ),
    (
        (*ROW, "isolated"),
        {"gait": LIMBS, "sweep": FINE},
        "steps",
    ),
    ((*ROW, "isolated"), {"rhythm": RHYTHM, "settle_s": 9}, "settle_s=9 must be shorter than duration_s=3"),
    ((*ROW, "isolated"), {"rhythm": RHYTHM}, "unknown metric 'speed_mm_s'"),
    ((*ROW, "limbs"), {"rhythm": {"l": "A"}, "joints": {"a": ["b"]}, "pools": {"one": ["c"]}}, "two pools"),
    ((*ROW, "limbs"), {"rhythm": {"l": "A"}, "joints": {"a": ["b"]}, "band_hz": [9, 3]}, "band_hz must be"),
    ((*ROW, "replay"), {"measured": "a.npz", "bouts": []}, "bouts"),
    ((*ROW, "tuning"), {"cells": "T4a", "edges": "grey", "direction_deg": 0}, "edges must be bright or dark"),
    ((*ROW, "spikes"), {"excite": "A", "output": "B", "rate_Hz": 0}, "rate_Hz must be a number above 0"),
    ((*ROW, "policy"), {"score": "approach", "train": "ppo"}, "a training needs both: train and learner"),
    ((*ROW, "imitation"), {"measured": "a.h5", "steps": 0}, "steps must be a whole number of at least 1"),
    ((*ROW, "imitation"), {"measure": "a.h5"}, "measured"),
    ((*ROW, "policy"), {"score": "approach", "replay": 1}, "unknown key 'rows.crawl.policy.replay'"),
]
"""Where it is wrong, what stands there, what the line must hold."""
