"""neuromech: the loop between an animal's body, its world and its wiring.

`run` plays an experiment, `sweep` one with many values, `Experiment` lets its body, environment and
controller be replaced, `functions` puts a brain of one's own into the loop, `Connectome` is wiring without a
body, `read`, `track`, `compare` and `retarget` are for recordings of animals, `view` opens a window in the
browser, `evaluate` puts controllers through many experiments, `train` and `fit` find parameters, `State` is a
simulation in the middle of an episode, `register` adds senses, neuron models and the like of one's own.
Importing this package imports none of what they need.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from neuromech._lib.cache import user_cache

if TYPE_CHECKING:
    from neuromech._lib.errors import InputError
    from neuromech._lib.registry import register
    from neuromech._lib.state import State, Stateful
    from neuromech.brain.connectome import Connectome
    from neuromech.comparison.comparison_result import compare
    from neuromech.controllers.functions import functions
    from neuromech.evaluation.evaluate import evaluate
    from neuromech.experiment.experiment import Experiment, run
    from neuromech.experiment.result import Result
    from neuromech.experiment.sweep import sweep
    from neuromech.experiment.view import view
    from neuromech.replay.retarget import retarget
    from neuromech.tracking.recordings import read, track
    from neuromech.training.fit_or_train import fit, train, train_controls

__version__ = "0.1.0"
__all__ = [
    "Connectome",
    "Experiment",
    "InputError",
    "Result",
    "State",
    "Stateful",
    "compare",
    "evaluate",
    "fit",
    "functions",
    "read",
    "register",
    "retarget",
    "run",
    "sweep",
    "track",
    "train",
    "train_controls",
    "view",
]

_HOME = {
    "Connectome": "brain.connectome",
    "Experiment": "experiment.experiment",
    "InputError": "_lib.errors",
    "Result": "experiment.result",
    "State": "_lib.state",
    "Stateful": "_lib.state",
    "compare": "comparison.comparison_result",
    "evaluate": "evaluation.evaluate",
    "fit": "training.fit_or_train",
    "functions": "controllers.functions",
    "read": "tracking.recordings",
    "register": "_lib.registry",
    "retarget": "replay.retarget",
    "run": "experiment.experiment",
    "sweep": "experiment.sweep",
    "track": "tracking.recordings",
    "train": "training.fit_or_train",
    "train_controls": "training.fit_or_train",
    "view": "experiment.view",
}
"""The module in which each public name is defined; it is imported when the name is first used."""

# numba reads this when it is first imported; its own default, beside the source, may be read-only.
os.environ.setdefault("NUMBA_CACHE_DIR", str(user_cache() / "numba"))


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'neuromech' has no attribute {name!r}")
    return getattr(import_module(f"neuromech.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


from neuromech.envs import ids  # noqa: E402

ids.register_all()
