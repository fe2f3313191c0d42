"""Tasks of the workers of `dask.distributed`, whose results come in the order in which they are finished."""

from __future__ import annotations

import heapq
import itertools
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from neuromech._lib.errors import InputError

if TYPE_CHECKING:
    from distributed import Client

Item = TypeVar("Item")
LOOK_S = 1.0
"""So often one looks for workers that have come, s."""


@dataclass(frozen=True)
class Died:
    """What comes of a task whose worker died with it several times over."""


class Work(Generic[Item]):
    """Tasks that are handed to workers, each on behalf of an item.

    Only as many tasks as can be worked on at once are with the scheduler, the others wait here: a scheduler
    that does not know how long tasks take deals them out unevenly. A worker that is killed loses only the
    task it has, which another one then does.

    Parameters
    ----------
    client : of `dask.distributed`.
    """

    def __init__(self, client: Client) -> None:
        self._client, self._numbers = client, itertools.count()
        self._waiting: list[tuple[float, int, Item, str, tuple[Any, ...]]] = []
        self._running: dict[Any, Item] = {}

    def add(
        self, item: Item, task: Callable[..., Any], *arguments: Any, name: str, priority: float = 0
    ) -> None:
        """Hand over a task; of those that wait, one of higher priority is done first."""
        heapq.heappush(self._waiting, (-priority, next(self._numbers), item, name, (task, *arguments)))

    def finished(self) -> Iterator[tuple[Item, Any]]:
        """Yield every item with what its task returned, or `Died`; tasks may be added meanwhile.

        What a task raises is raised here. Whoever stops early gives up all that is not finished.
        """
        from distributed import KilledWorker, wait

        try:
            while self._running or self._waiting:
                self._hand_over()
                try:
                    with self._client.as_current():
                        # Declared as if it could be a coroutine, which it is for other clients only.
                        waited: Any = wait(list(self._running), timeout=LOOK_S, return_when="FIRST_COMPLETED")
                except TimeoutError:
                    continue  # workers may have come meanwhile
                for future in waited.done:
                    item = self._running.pop(future)
                    try:
                        found = future.result()
                    except KilledWorker:
                        found = Died()
                    # Before what was found is dealt with, so that no worker waits for it.
                    self._hand_over()
                    yield item, found
        finally:
            self._client.cancel(list(self._running), force=True)
            self._running.clear()

    def _hand_over(self) -> None:
        """Give every thread of a worker a task, and one to a scheduler that has no worker yet."""
        if not self._waiting:
            return
        threads_of: Any = self._client.nthreads()
        threads = sum(threads_of.values())
        while self._waiting and len(self._running) < max(1, threads):
            _, _, item, name, call = heapq.heappop(self._waiting)
            # A name of its own: what is asked again must not be answered from the scheduler's memory.
            future = self._client.submit(*call, key=f"{name}-{uuid.uuid4().hex}", pure=False)
            self._running[future] = item


def results(
    client: Client, task: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], name: str
) -> Iterator[tuple[int, Any]]:
    """Yield what a task returns for each of some arguments, by their number, as they are finished.

    Raises
    ------
    InputError
        A worker died with one of them several times over.
    """
    work: Work[int] = Work(client)
    for number, each in enumerate(arguments):
        work.add(number, task, *each, name=f"{name}-{number}")
    for number, found in work.finished():
        if isinstance(found, Died):
            raise InputError(f"{name} {number}: its worker died several times")
        yield number, found


def gathered(
    client: Client, task: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], name: str
) -> list[Any]:
    """Return what a task returns for each of some arguments, in their order; raises as `results`."""
    found = dict(results(client, task, arguments, name))
    return [found[number] for number in range(len(arguments))]
