"""Which parts of the program, and of the libraries below it, a stored result depends on."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import neuromech

PACKAGE = Path(neuromech.__file__).resolve().parent
ASIDE = (
    "__init__.py", "__main__.py", "_lib/cache.py", "_lib/dask_cluster.py", "_lib/dask_work.py",
    "_lib/errors.py", "_lib/files.py", "_lib/interrupts.py", "_lib/progress.py", "cli/", "comparison/",
    "controllers/functions.py", "controllers/policy_network.py", "envs/", "evaluation/", "experiment/",
    "replay/", "specs/compose.py", "specs/datasets.py", "specs/describe.py", "specs/evaluation.py",
    "specs/evaluation_parts.py", "specs/evaluation_trainings.py", "specs/hydra_files.py", "specs/keywords.py",
    "specs/schema.py", "tasks/",
    "tracking/io/", "tracking/recordings.py", "training/", "viewer/", "visuals/",
)  # fmt: skip
"""Parts of the program, seen from its folder, that do not change what an episode does."""
LOOKED_AT = {
    "": ("evaluation/episode_values.py",),
    "atlas": ("comparison/measured_atlas.py", "evaluation/atlas.py", "evaluation/insilico_atlas.py"),
    "activity": ("evaluation/activity.py",),
    "comparison": ("comparison/", "evaluation/comparison_row.py", "tracking/io/", "tracking/recordings.py"),
    "isolated": ("evaluation/gaits_of_centres.py", "evaluation/isolated_row.py", "evaluation/rhythms.py"),
    "limbs": ("evaluation/limbs_row.py", "evaluation/rhythms.py"),
    "replay": ("comparison/", "evaluation/replay_row.py", "replay/bouts.py", "tracking/io/"),
    "tuning": (
        "evaluation/tuning_row.py", "training/direction_tuning.py", "training/stimulus_movies.py",
    ),
    "spikes": ("evaluation/spikes_row.py",),
    "clamp": ("evaluation/clamp_row.py",),
    "policy": ("evaluation/policy_row.py", "tasks/", "training/"),
    "imitation": (
        "comparison/", "evaluation/imitation_row.py", "replay/retarget.py", "tasks/", "tracking/io/",
        "tracking/recordings.py", "training/checkpoint.py", "training/policy_env.py",
        "training/policy_vector.py", "training/rl.py", "training/train.py", "training/train_spec.py",
        "training/training_task.py",
    ),
}  # fmt: skip
"""What of these measures a row all the same, by the part that makes the row one of its kind."""
LIBRARIES = ("mujoco", "jax", "jaxlib", "numpy", "numba", "scipy")
"""Libraries whose versions may change the last bits of a number."""


@cache
def digest(part: str = "") -> str:
    """Return a hash of the files that a row runs, and of the versions of the libraries below.

    `part` is what makes the row one of its kind: "atlas", "policy" ..., or "" for episodes.
    """
    code = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*.py")):
        name = file.relative_to(PACKAGE).as_posix()
        if name.startswith(LOOKED_AT[part]) or not name.startswith(ASIDE):
            code.update(f"{name}\0".encode() + file.read_bytes())
    for library in LIBRARIES:
        try:
            code.update(f"{library} {version(library)}\0".encode())
        except PackageNotFoundError:
            continue
    return code.hexdigest()
