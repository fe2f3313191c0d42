"""Specs that can also be read like the mapping they were written as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from neuromech.specs.checking import plain


class Readable(Mapping[str, Any]):
    """A dataclass of a YAML file whose keys may also be read as `spec["name"]`.

    A key that was left out, or is null, is not in it. What such a reading gives is plain data: mappings,
    lists, text and numbers, as they would be written in YAML, with the folders that they come from.
    """

    @cached_property
    def as_mapping(self) -> Mapping[str, Any]:
        """All that is said, as plain data."""
        folder, folders = getattr(self, "folder", None), getattr(self, "folders", ())
        said = _said(plain(self))
        if folder is not None:
            said |= {"folder": str(folder), "folders": [str(each) for each in folders]}
        return {key: value for key, value in said.items() if value != {}}

    def __getitem__(self, key: str) -> Any:
        """Return what is said under a key; an empty group where nothing is."""
        return self.as_mapping[key] if key in self.as_mapping else plain(self)[key]

    def __contains__(self, key: object) -> bool:
        """Whether something is said under a key."""
        return key in self.as_mapping

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys under which something is said."""
        return iter(self.as_mapping)

    def __or__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        """Return all that is said with another mapping's keys laid over it."""
        return {**self.as_mapping, **other}

    def __len__(self) -> int:
        """Return the number of keys under which something is said."""
        return len(self.as_mapping)

    def get(self, key: str, default: Any = None) -> Any:
        """Return what is said under a key, or `default`."""
        return self.as_mapping.get(key, default)


def _said(tree: Any) -> Any:
    """Return plain data without the keys of mappings that are null."""
    if isinstance(tree, dict):
        return {key: _said(value) for key, value in tree.items() if value is not None}
    return [_said(value) for value in tree] if isinstance(tree, list) else tree
