"""What is measured of rows that are more than episodes of a body, by the part that makes them such a row."""

from __future__ import annotations

from collections.abc import Collection

from neuromech.specs.evaluation import RowSpec
from neuromech.specs.evaluation_parts import IsolatedSpec, LimbsSpec
from neuromech.tracking import TRACKERS, units
from neuromech.tracking.kinematics.strides import GAITS
from neuromech.tracking.similarity.features import FEATURE_SETS, hexapod, hind_legs

ATLAS = (
    "auroc", "amplitude_rank_correlation", "sign_agreement", "moved_share", "anatomy_auroc", "counts_auroc",
    "auroc_over_anatomy", "ceiling_auroc", "ceiling_rank_correlation", "pairs", "functional_pairs",
    "latency_rank_correlation", "latency_pairs",
)  # fmt: skip
"""Of a functional atlas; `evaluation.atlas` says what each is."""
ACTIVITY = (
    "correlation_mse", "shared_variance", "own_variance", "velocity_tuning_correlation",
    "turning_tuning_correlation", "shared_neurons",
)  # fmt: skip
"""Of recorded activity beside simulated; `evaluation.activity` says what each is."""
COMPARISON = ("score", "shuffled_floor", "random_floor", "ceiling", "place")
"""Of episodes beside a recording; `evaluation.comparison_row` says what each is."""
REPLAY = (
    "displacement_ratio", "turn_slope", "path_rms_mm", "largest_path_rms_mm", "feature_similarity",
    "feature_ceiling",
)  # fmt: skip
"""Of replayed bouts; `evaluation.replay_row` says what each is."""
TUNING = ("preferred_deg", "selectivity", "off_deg", "own_over_other")
"""Of a cell type of an optic lobe; `evaluation.tuning_row` says what each is."""
SPIKES = ("spikes", "active", "output_Hz")
"""Of a spiking brain out of its body; `evaluation.spikes_row` says what each is."""
CLAMP = ("end_mV", "rise_mV", "peak_mV", "after_mV", "left_mV")
"""Of every pulse into a clamped cell, counted from 1; `evaluation.clamp_row` says what each is."""
CLOCKED = ("cpu_min", "wall_min")
"""Of a training: what it took, which never comes out twice alike."""
POLICY = ("score", "steps", "simulated_s", *CLOCKED)
"""Of the reward of a controller; `evaluation.policy_row` says what each is."""
IMITATION = (
    "score", "random_floor", "ceiling", "place", "apart_deg", "steps", "simulated_s", *CLOCKED,
)  # fmt: skip
"""Of a policy that imitates; `evaluation.imitation_row` says what each is."""
FIXED = {
    "atlas": ATLAS, "activity": ACTIVITY, "replay": REPLAY, "tuning": TUNING,
    "spikes": SPIKES, "imitation": IMITATION,
}  # fmt: skip
"""Metrics of parts that have the same ones in every row; none of them has a unit of its own."""


def known(row: RowSpec, tracker: str = "") -> Collection[str]:
    """Return the names of all that is measured of a row that has a part; `tracker` is that of its body."""
    if row.comparison is not None:
        return (*COMPARISON, *(f"{name}.{what}" for name in _features() for what in ("ratio", "percentile")))
    if row.isolated is not None:
        return _isolated(row.isolated)
    if row.limbs is not None:
        return _limbs(row.limbs)
    if row.clamp is not None:
        pulses = [f"{what}_{k}" for k in range(1, len(row.clamp.pulses) + 1) for what in CLAMP]
        return ["rest_mV", "steepest_over_mean", *pulses]
    if row.policy is not None:
        return (*POLICY, *(units(tracker) if tracker in TRACKERS else ()))
    return FIXED[row.answered_by]


def _isolated(spec: IsolatedSpec) -> list[str]:
    if spec.gait is not None:
        branches = ("rising", "falling") if spec.sweep is not None and spec.sweep.back else ("rising",)
        each = ["in_order", "alternation_lost_from"]
        each += [
            f"{gait}.{what}" for gait in GAITS for what in ("lowest", "highest", "highest_either", "share")
        ]
        return [f"{branch}.{name}" for branch in branches for name in each]
    if spec.rhythm is None or spec.sweep is not None:
        return ["largest_fall", "most_limbs", "fewest_limbs"]
    most = max(map(len, spec.rhythm.limbs.values()))
    lags = [f"lag_{k}_{which}" for k in range(2, most + 1) for which in ("least", "most")]
    fixed = ["limbs", "slowest_hz", "fastest_hz", "in_order"]
    return [*fixed, *(f"{limb}.{what}" for limb in spec.rhythm.limbs for what in ("hz", "rhythm")), *lags]


def _features() -> list[str]:
    """Return the names of all features that are compared of any animal."""
    every = [FEATURE_SETS[name] for name in FEATURE_SETS]
    return list(
        dict.fromkeys(
            name for each in (*every, hexapod.FEATURE_SET, hind_legs.FEATURE_SET) for name in each.features
        )
    )


def _limbs(spec: LimbsSpec) -> list[str]:
    found = [f"{limb}.hz" for limb in spec.rhythm]
    found += [
        f"{limb}.{joint}.{what}" for limb in spec.rhythm for joint in spec.joints for what in ("deg", "hz")
    ]
    found += [f"{joint}.moves" for joint in spec.joints]
    if spec.pools:
        found += [f"{limb}.pools_{what}" for limb in spec.rhythm for what in ("correlation", "lag")]
        found.append("alternating")
    return found
