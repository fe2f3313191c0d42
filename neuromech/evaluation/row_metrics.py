"""What is measured of rows that are no episodes of a body alone, by the part that makes them such a row."""

ATLAS = (
    "auroc", "amplitude_rank_correlation", "sign_agreement", "moved_share", "anatomy_auroc", "counts_auroc",
    "auroc_over_anatomy", "ceiling_auroc", "ceiling_rank_correlation", "pairs", "functional_pairs",
)  # fmt: skip
"""Of a functional atlas; `evaluation.atlas` says what each is."""
ACTIVITY = (
    "correlation_mse", "shared_variance", "own_variance", "velocity_tuning_correlation",
    "turning_tuning_correlation", "shared_neurons",
)  # fmt: skip
"""Of recorded activity beside simulated; `evaluation.activity` says what each is."""
COMPARISON = ("score", "shuffled_floor", "random_floor", "ceiling", "place")
"""Of episodes beside a recording; `evaluation.comparison_row` says what each is."""
METRICS = {"atlas": ATLAS, "activity": ACTIVITY, "comparison": COMPARISON}
"""All three; none of them has a unit."""
