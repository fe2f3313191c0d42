"""What a worker does: it plays some seeds of a question side by side and measures each episode."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

from neuromech import batch
from neuromech._lib.errors import InputError
from neuromech.evaluation import episode_values
from neuromech.evaluation.episode_values import Values
from neuromech.evaluation.questions import Question
from neuromech.evaluation.told import Told
from neuromech.loop import Loop


@dataclass(frozen=True)
class Refusal:
    """Why a question cannot be asked of a controller."""

    why: str


OTHERS = {
    "atlas": "neuromech.evaluation.atlas",
    "activity": "neuromech.evaluation.activity",
    "comparison": "neuromech.evaluation.comparison_row",
    "isolated": "neuromech.evaluation.isolated_row",
    "limbs": "neuromech.evaluation.limbs_row",
    "replay": "neuromech.evaluation.replay_row",
    "tuning": "neuromech.evaluation.tuning_row",
    "spikes": "neuromech.evaluation.spikes_row",
    "clamp": "neuromech.evaluation.clamp_row",
    "policy": "neuromech.evaluation.policy_row",
    "imitation": "neuromech.evaluation.imitation_row",
}
"""Modules that answer rows with a part, by its name: their `answer` does, with values or with `Told`."""


def play(question: Question, seeds: Sequence[int]) -> dict[int, Values | Told] | Refusal:
    """Return the values of some seeds of a question, or why there are none.

    What goes wrong inside another's controller is told, not raised: the other rows go on.
    """
    try:
        if part := question.row.answered_by:
            answer: Callable[[Question, int], Values | Told] = import_module(OTHERS[part]).answer
            return {seed: answer(question, seed) for seed in seeds}
        return _episodes(question, seeds)
    except InputError as error:
        return Refusal(str(error))
    except Exception as error:
        if not question.contender.replaces:
            raise
        return Refusal(f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")


def _episodes(question: Question, seeds: Sequence[int]) -> dict[int, Values | Told]:
    # An object may keep its state in itself: every lane gets its own.
    loops = [Loop.of(question.run(seed), controller=copy.deepcopy(question.own)) for seed in seeds]
    stretch = question.stretch(loops[0].run)
    episodes = batch.watch(loops, activity=bool(question.neurons))
    return {
        seed: episode_values.measure(episode, stretch, question.neurons)
        for seed, episode in zip(seeds, episodes, strict=True)
    }
