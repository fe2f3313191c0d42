"""The registry of all that others may add: senses, media, stimuli, neuron models, trackers, readers ...

A registry knows its built-in entries as `"package.module:attribute"` and imports one when it is first asked
for, so that listing names imports none of them. Others add theirs from Python (`register`), or by an entry
point of the group `neuromech.plugins` in an installed package: the module that it names is imported when a
name is looked up for the first time, and registers what it brings.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Generic, TypeVar, cast

from neuromech._lib.errors import InputError, unknown

GROUP = "neuromech.plugins"
"""The entry-point group of packages that add to the registries."""

Item = TypeVar("Item")
REGISTRIES: dict[str, Registry[Any]] = {}
"""Every registry by what it holds: "sense", "medium", "reward" ..."""
HOMES = {
    "sense": "neuromech.senses",
    "medium": "neuromech.world.medium.laws",
    "stimulus": "neuromech.world.stimuli",
    "reward": "neuromech.tasks",
    "neuron model": "neuromech.brain.neurons.models",
    "encoder": "neuromech.brain.encoders.encoding",
    "spike encoder": "neuromech.brain.encoders.random_spikes",
    "wiring": "neuromech.brain.wirings",
    "controller model": "neuromech.controllers",
    "tracker": "neuromech.tracking",
    "reader": "neuromech.tracking.io",
    "episode measure": "neuromech.evaluation.episode_values",
    "feature set": "neuromech.tracking.similarity.features",
    "learner": "neuromech.training",
    "fit method": "neuromech.training",
}
"""The modules that make the registries, by what these hold."""
_plugins: dict[str, str] = {}
"""What importing each plug-in came to, by the name of its entry point: "" or why it failed."""


class Registry(Mapping[str, Item], Generic[Item]):
    """Named entries of one kind.

    Parameters
    ----------
    kind : what it holds, as users call it, such as "sense" or "neuron model".
    built_in : `"package.module:attribute"` by name; the attribute is imported when it is first asked for.
    wrong : says what is wrong with an entry that is to be added, "" if nothing is.
    """

    def __init__(
        self, kind: str, built_in: Mapping[str, str], wrong: Callable[[Any], str] = lambda item: ""
    ) -> None:
        self.kind, self._wrong = kind, wrong
        self._items: dict[str, Item | str] = dict(built_in)
        self._origins = {name: place.split(":")[0] for name, place in built_in.items()}
        REGISTRIES[kind] = self

    def add(self, name: str, item: Item) -> None:
        """Add an entry, or put it in the place of an earlier one from the same module.

        A cell of a notebook that is run again defines its class anew, and means the new one.

        Raises
        ------
        InputError
            There is one of that name from elsewhere, or the entry is not of this kind.
        """
        if why := self._wrong(item):
            raise InputError(f"{self.kind} {name} {why}")
        origin, earlier = getattr(item, "__module__", ""), self._origins.get(name)
        if earlier is not None and self._items[name] is not item and origin != earlier:
            raise InputError(f"there is a {self.kind} {name} already, in {earlier}; choose another name")
        self._items[name], self._origins[name] = item, origin

    def __getitem__(self, name: str) -> Item:
        """Return an entry; raises `InputError` with the nearest names where there is none."""
        load_plugins()
        if name not in self._items:
            raise unknown(self.kind, str(name), self._items)
        item = self._items[name]
        if isinstance(item, str):
            module, attribute = item.split(":")
            item = cast(Item, getattr(import_module(module), attribute))
            self._items[name] = item
        return item

    def name_of(self, item: Item) -> str:
        """Return the name under which an entry was registered; "" if it was not, or was never asked for."""
        return next((name for name, held in self._items.items() if held is item), "")

    def __contains__(self, name: object) -> bool:
        """Whether there is an entry of that name; none is imported."""
        load_plugins()
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, built-in ones first."""
        load_plugins()
        return iter(self._items)

    def __len__(self) -> int:
        """Count the entries."""
        load_plugins()
        return len(self._items)


def registry(kind: str) -> Registry[Any]:
    """Return the registry of a kind, importing the module that makes it.

    Raises
    ------
    InputError
        There is no such kind.
    """
    if kind not in REGISTRIES and kind in HOMES:
        import_module(HOMES[kind])
    if kind not in REGISTRIES:
        raise unknown("registry", kind, {*REGISTRIES, *HOMES})
    return REGISTRIES[kind]


def register(kind: str, name: str) -> Callable[[Item], Item]:
    """Return a decorator that adds a class or function to the registry of a kind.

    Parameters
    ----------
    kind : what it is, such as "sense", "neuron model" or "encoder"; those of `HOMES`.
    name : by which YAML files and Python will call it.

    Raises
    ------
    InputError
        There is no such kind, or another entry of that name.

    Examples
    --------
    >>> from neuromech._lib.registry import Registry, register
    >>> kinds = Registry("kind of test", {})
    >>> @register("kind of test", "mine")
    ... class Mine: ...
    >>> list(kinds)
    ['mine']
    """

    def add(item: Item) -> Item:
        registry(kind).add(name, item)
        return item

    return add


def load_plugins() -> dict[str, str]:
    """Import what installed packages bring, once; returns why those failed that did, by entry point."""
    for point in _points(_where()):
        if point.name not in _plugins:
            _plugins[point.name] = ""  # before its import, which may look names up
            try:
                point.load()
            except Exception as error:  # a broken plug-in must not stop the runs of others
                _plugins[point.name] = f"{type(error).__name__}: {error}"
    return {name: why for name, why in _plugins.items() if why}


def _where() -> tuple[tuple[str, float], ...]:
    """Return the folders that packages are installed in, and when something was last put into each."""
    changed = []
    for folder in sys.path:
        try:
            changed.append((folder, os.stat(folder).st_mtime))
        except (OSError, ValueError):
            continue
    return tuple(changed)


@lru_cache(maxsize=1)
def _points(where: tuple[tuple[str, float], ...]) -> tuple[EntryPoint, ...]:
    """Return the plug-ins; all that is installed is searched, which takes some hundredths of a second."""
    return tuple(entry_points(group=GROUP))
