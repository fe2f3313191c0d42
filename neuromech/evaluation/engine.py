"""Ask questions of workers, keep every answer as it comes, go on where an earlier start stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from neuromech._lib.dask_work import Died, Work
from neuromech._lib.errors import InputError
from neuromech._lib.progress import OF_TIME
from neuromech._lib.progress import bar as progress_bar
from neuromech.brain.compiled import WIDTH
from neuromech.evaluation.questions import Question
from neuromech.evaluation.results_store import ResultsStore
from neuromech.evaluation.row_player import Refusal, play

if TYPE_CHECKING:
    from distributed import Client

BATCHES = 3
"""At least so many batches are made for each worker, so that none waits long for the last one."""


@dataclass(frozen=True)
class Batch:
    """Seeds of a question that one worker plays side by side; the first again, or new ones."""

    question: Question
    seeds: tuple[int, ...]
    again: bool = False

    @property
    def cost_s(self) -> float:
        """Time to be simulated, s."""
        return self.question.duration_s * len(self.seeds)


def batches(question: Question, seeds: Sequence[int], size: int) -> list[Batch]:
    """Deal seeds out to as few batches of at most `size` as can be, of nearly equal length."""
    count = -(-len(seeds) // size)
    return [Batch(question, tuple(seeds[k::count])) for k in range(count)]


def merged(questions: Sequence[Question]) -> list[Question]:
    """Return one question for all that ask the same: with the most seeds and all of their metrics."""
    once: dict[str, Question] = {}
    for each in questions:
        other = once.get(each.address, each)
        both = frozenset(each.metrics | other.metrics)
        once[each.address] = replace(other, seeds=max(each.seeds, other.seeds), elsewhere=both)
    return list(once.values())


class Engine:
    """The work of an evaluation: what is missing in a store is asked of the workers of a client.

    Parameters
    ----------
    client : of `dask.distributed`.
    store : where answers are kept.
    progress : whether a bar shows the time that is left.
    """

    def __init__(self, client: Client, store: ResultsStore, progress: bool = False) -> None:
        self._client, self._store, self._progress = client, store, progress
        self.refused: dict[str, str] = {}
        """Why a question cannot be asked, by its address."""
        self.played = 0
        """How many episodes were played."""

    def work(self, questions: Sequence[Question]) -> None:
        """Answer all questions; several that ask the same are asked once.

        Ctrl-C ends the work, and what was finished is kept.

        Raises
        ------
        InputError
            A row of the evaluation's own controllers cannot be played.
        """
        first: list[Batch] = []
        total = 0.0
        for each in merged(questions):
            outdated = self._store.first_outdated(each)
            if outdated is not None:
                first.append(Batch(each, (outdated,), again=True))
                total += each.duration_s
            total += each.duration_s * len(self._store.missing(each))
            first += [] if outdated is not None else self._open(each)
        if not first:
            return
        with progress_bar(
            self._progress, total=total, desc="evaluation", unit="s", bar_format=OF_TIME
        ) as bar:
            for batch, answer in self._answers(first):
                if isinstance(answer, Refusal):
                    self._refuse(batch, answer)
                else:
                    self.played += len(batch.seeds)
                    self._keep(batch, answer, bar)
                bar.update(batch.cost_s)

    def _keep(self, batch: Batch, answer: Any, bar: Any) -> None:
        if not batch.again:
            self._store.add(batch.question, answer)
            return
        ((seed, values),) = answer.items()
        before = len(self._store.missing(batch.question))
        self._store.confirm(batch.question, seed, values)
        more = len(self._store.missing(batch.question)) - before
        bar.total += max(0, more) * batch.question.duration_s
        self._waiting += self._open(batch.question)

    def _refuse(self, batch: Batch, answer: Refusal) -> None:
        if not batch.question.contender.replaces:
            raise InputError(f"rows.{batch.question.key}: {answer.why}")
        self.refused[batch.question.address] = answer.why
        self._store.forget(batch.question)

    def _open(self, question: Question) -> list[Batch]:
        """Return what is still to be played of a question, in batches."""
        missing = self._store.missing(question)
        workers = max(1, len(self._client.scheduler_info()["workers"]))
        size = min(WIDTH, max(1, -(-len(missing) // workers)))
        return batches(question, missing, size) if missing else []

    def _answers(self, first: Sequence[Batch]) -> Iterator[tuple[Batch, Any]]:
        """Yield batches with what came of them, in the order in which they are finished."""
        self._waiting: list[Batch] = list(first)
        work: Work[Batch] = Work(self._client)
        self._hand_over(work)
        for batch, found in work.finished():
            yield batch, _refused(batch) if isinstance(found, Died) else found
            self._hand_over(work)

    def _hand_over(self, work: Work[Batch]) -> None:
        """Hand all batches that wait over, the longest first: at the end, short ones fill the gaps."""
        for batch in sorted(self._waiting, key=lambda each: -each.cost_s):
            # A copy carries nothing that was worked out from the question.
            question, name = replace(batch.question), f"{batch.question.key}-{batch.seeds[0]}"
            work.add(batch, play, question, batch.seeds, name=name, priority=int(batch.cost_s))
        self._waiting = []


def _refused(batch: Batch) -> Refusal:
    return Refusal(f"its worker died several times while it played the seeds {list(batch.seeds)}")
