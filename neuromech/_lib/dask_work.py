"""Tasks of the workers of `dask.distributed`, whose results come in the order in which they are finished."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from neuromech._lib.errors import InputError

if TYPE_CHECKING:
    from distributed import Client

Item = TypeVar("Item")


@dataclass(frozen=True)
class Died:
    """What comes of a task whose worker died with it several times over."""


class Work(Generic[Item]):
    """Tasks that are handed to workers, each on behalf of an item.

    A worker that is killed loses only the task it has, which another one then does.

    Parameters
    ----------
    client : of `dask.distributed`.
    """

    def __init__(self, client: Client) -> None:
        from distributed import as_completed

        self._client, self._done = client, as_completed(loop=client.loop)
        self._running: dict[str, tuple[Any, Item]] = {}

    def add(
        self, item: Item, task: Callable[..., Any], *arguments: Any, name: str, priority: int = 0
    ) -> None:
        """Hand over a task; of those that wait, one of higher priority is done first."""
        # A name of its own: what is asked again must not be answered from the scheduler's memory.
        key = f"{name}-{uuid.uuid4().hex}"
        future = self._client.submit(task, *arguments, key=key, pure=False, priority=priority)
        self._running[key] = future, item
        self._done.add(future)

    def finished(self) -> Iterator[tuple[Item, Any]]:
        """Yield every item with what its task returned, or `Died`; tasks may be added meanwhile.

        What a task raises is raised here. Whoever stops early gives up all that is not finished.
        """
        from distributed import KilledWorker

        try:
            while self._running:
                future = next(self._done)
                _, item = self._running.pop(future.key)
                try:
                    found = future.result()
                except KilledWorker:
                    found = Died()
                yield item, found
        finally:
            self._client.cancel([future for future, _ in self._running.values()], force=True)
            self._running.clear()


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
