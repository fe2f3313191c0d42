"""Check a tree of plain data against a dataclass: what does not fit is one line with file, key and advice.

The dataclass declares the keys, their types and defaults (see values.py); pydantic does the checking,
strictly: no text stands for a number, no number for a truth, no key is unknown. The lines are written here.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from neuromech._lib.errors import InputError, nearest
from neuromech.specs.describe import FAR, expected, hints, members, split, unit_of, words

Key = tuple[str | int, ...]
"""The place of a value in a tree: names of keys and numbers of list items, from the outside in."""
Spec = TypeVar("Spec")

STRICT: dict[str, Any] = {
    "extra": "forbid",
    "strict": True,
    "allow_inf_nan": False,
    # `from` is a word of Python: a field from_ is written `from`.
    "alias_generator": lambda name: name.rstrip("_"),
}
"""What pydantic is told of every spec."""
_SHOWN = 60
"""The number of characters of a wrong value that a message shows."""


def strict(cls: type[Spec]) -> type[Spec]:
    """Mark a dataclass as one that trees are checked against; those in its fields need no mark."""
    cls.__pydantic_config__ = STRICT  # type: ignore[attr-defined]
    return cls


@dataclass(frozen=True)
class Origin:
    """Where a tree was written, so that a message can name the place.

    Parameters
    ----------
    section : "body", "environment" or "controller" where the tree is that part of a run, else "".
    file : the YAML file that most of it comes from, if any.
    overrides : what a run sets over the file; a key that it gives is named as the run names it.
    above : where the tree stands in that of the file.
    """

    section: str = ""
    file: Path | None = None
    overrides: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    above: Key = ()

    def below(self, *key: str | int) -> Origin:
        """Return the origin of a part of the tree."""
        return dataclasses.replace(self, above=(*self.above, *key))

    def place(self, key: Key, tree: Any = None, missing: bool = False) -> tuple[str, str]:
        """Return what comes before a message ("file: ", or nothing) and the dotted name of a key.

        `tree` is the whole of what is checked: an item of a list that has no other needs no number. A key
        that is `missing` belongs to a run where the run sets others of its group.
        """
        whole = (*self.above, *key)
        if self.file is not None and not _has(self.overrides, whole[:-1] if missing else whole):
            return f"{self.file}: ", _dotted(whole, tree, len(self.above))
        return "", _dotted((self.section, *whole) if self.section else whole, tree,
                           len(self.above) + bool(self.section))  # fmt: skip

    def error(self, key: Key, text: str, tree: Any = None) -> InputError:
        """Return the error that says something of a key: `text` with {} for its name."""
        before, name = self.place(key, tree)
        return InputError(before + text.replace("{}", name))


def check(cls: type[Spec], tree: Any, origin: Origin | None = None, lenient: bool = False) -> Spec:
    """Return the dataclass that a tree of plain data describes.

    Parameters
    ----------
    cls : a dataclass that is marked with `strict`.
    tree : mappings, lists, text, numbers, truths and None.
    origin : where the tree was written, for messages.
    lenient : leave out what is unknown, as in a file that another version of this program wrote.

    Raises
    ------
    InputError
        A key is unknown or missing, or a value is of the wrong type or out of range.
    """
    from pydantic import ValidationError

    origin = origin or Origin()
    if not isinstance(tree, Mapping):
        raise origin.error((), _must("{}", cls, tree) if origin.above or origin.section
                           else f"must hold 'key: value' lines, not {_shown(tree)}")  # fmt: skip
    for name in hidden(cls) & tree.keys():
        if not lenient:
            raise _unknown(cls, (name,), origin, tree)
        tree = {key: value for key, value in tree.items() if key != name}
    try:
        # As JSON, because there a list may stand for a tuple and a whole number for a real one, and
        # everything else must be what it is.
        return adapter(cls).validate_json(json.dumps(tree, default=_plain_value))
    except ValidationError as problem:
        errors = problem.errors(include_url=False)
        if lenient and (less := _without_unknown(tree, errors)) is not None:
            return check(cls, less, origin, lenient)
        raise _line(cls, tree, errors, origin) from None
    except (TypeError, ValueError, RecursionError) as problem:
        raise origin.error((), f"{{}} cannot be read: {str(problem).splitlines()[0]}") from None


def plain(value: Any) -> Any:
    """Return a dataclass as mappings, lists, text and numbers: what `check` would read again.

    A mapping, list or tuple is done item by item; a path becomes text. A field whose metadata say
    `{"hidden": True}` is left out.
    """
    if hasattr(value, "as_plain"):
        return value.as_plain()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name.rstrip("_"): plain(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if not field.metadata.get("hidden")
        }
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value


@lru_cache(maxsize=256)
def adapter(cls: type[Any]) -> Any:
    """Return what pydantic makes of a dataclass."""
    from pydantic import TypeAdapter

    return TypeAdapter(cls)


@lru_cache(maxsize=256)
def documented_adapter(cls: type[Any]) -> Any:
    """Return the same with the docstrings of the fields, for a schema; finding them in the source is slow."""
    from pydantic import TypeAdapter

    # Every spec in the fields of `cls` has this same configuration, and pydantic asks each for its own.
    STRICT["use_attribute_docstrings"] = True
    try:
        return TypeAdapter(cls)
    finally:
        del STRICT["use_attribute_docstrings"]


@lru_cache(maxsize=256)
def hidden(cls: type[Any]) -> frozenset[str]:
    """Return the names of the fields of a dataclass that are no keys of its YAML."""
    return frozenset(field.name for field in dataclasses.fields(cls) if field.metadata.get("hidden"))


def _plain_value(value: Any) -> Any:
    """Return what JSON has for NumPy's numbers and arrays, dataclasses and paths."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if dataclasses.is_dataclass(value) or isinstance(value, Path | Mapping):
        return plain(value)
    raise TypeError(f"{type(value).__name__} is no plain data")


def _line(cls: type[Any], tree: Any, errors: Sequence[Any], origin: Origin) -> InputError:
    """Return the error that says the first thing that is wrong."""
    found = [(each, _path(tree, each)) for each in errors]
    # The innermost error is the cause; a misspelt key goes before the missing one that results from it.
    error, key = max(found, key=lambda each: (len(each[1]), each[0]["type"] != "missing"))
    kind = error["type"]
    if kind == "json_invalid":
        return origin.error((), "{} holds text that is not valid Unicode, or too deep a nesting")
    inner = _at(cls, key, tree)
    if kind == "value_error":  # of a dataclass that compares several of its keys
        before, name = origin.place(key, tree)
        said = str(error["ctx"]["error"])
        return InputError(f"{before}{said}" if said.startswith(f"{name}.") else
                          f"{before}{name}: {said}".lstrip(": "))  # fmt: skip
    if kind == "unexpected_keyword_argument":
        return _unknown(cls, key, origin, tree)
    if kind == "missing" and not _inside(tree, key):
        before, name = origin.place(key, tree, missing=True)
        return InputError(f"{before}{name} is missing; it must be {expected(inner)}{_unit(key)}")
    value = _value(tree, key)
    near = nearest(value, words(inner)) if isinstance(value, str) else []
    advice = f"; nearest: {', '.join(near)}" if near else ""
    return origin.error(key, _must("{}", inner, value) + _unit(key) + advice, tree)


def _unknown(cls: type[Any], key: Key, origin: Origin, tree: Any) -> InputError:
    """Return the error of a key that its group does not have; alike is what its last part is like."""
    before, name = origin.place(key, tree)
    valid = list(hints(_at(cls, key[:-1], tree)))
    near = nearest(str(key[-1]), valid)
    if not near:
        return InputError(f"{before}unknown key '{name}'; there are {', '.join(valid) or 'none'}")
    above = name.removesuffix(str(key[-1]))
    dotted = [above + each for each in near]
    return InputError(f"{before}unknown key '{name}'; nearest: {', '.join(dotted)}")


def must(name: str, key: str, annotation: Any, value: Any) -> str:
    """Return the line that says what a value must be: `name` is the whole key's, `key` its last word."""
    return _must(name, annotation, value) + (f" (in {unit})" if (unit := unit_of(key)) else "")


def _must(name: str, annotation: Any, value: Any) -> str:
    values = value if isinstance(value, list | tuple) else [value]
    numbers = [each for each in values if isinstance(each, int | float) and not isinstance(each, bool)]
    finite = not all(math.isfinite(each) for each in numbers if isinstance(each, float))
    far = not finite and any(abs(each) >= FAR for each in numbers)
    return f"{name} must be {expected(annotation, finite, far)}, not {_shown(value)}"


def _unit(key: Key) -> str:
    named = next((part for part in reversed(key) if isinstance(part, str)), "")
    return f" (in {unit})" if (unit := unit_of(named)) else ""


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    text = " ".join(repr(value).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."


def _path(tree: Any, error: Any) -> Key:
    """Return the keys that lead to what is wrong, without pydantic's names for alternatives."""
    node, key = tree, []
    for k, part in enumerate(error["loc"]):
        last = k == len(error["loc"]) - 1
        if isinstance(node, Mapping) and isinstance(part, str):
            names = {str(name): name for name in node}
            if part in names:
                node = node[names[part]]
            elif not (last and error["type"] == "missing"):
                continue
            key.append(part)
        elif isinstance(node, list | tuple) and isinstance(part, int) and part < len(node):
            node = node[part]
            key.append(part)
    return tuple(key)


def _at(annotation: Any, key: Key, tree: Any) -> Any:
    """Return the type that is declared for a key."""
    for part in key:
        value, tree = tree, _step(tree, part)
        annotation = _member(annotation, value)
        kind, _ = split(annotation)
        arguments = get_args(kind)
        if dataclasses.is_dataclass(get_origin(kind) or kind):
            annotation = hints(get_origin(kind) or kind).get(str(part), Any)
        elif isinstance(part, int):
            repeated = len(arguments) < 2 or arguments[-1] is Ellipsis
            annotation = (arguments[0] if repeated else arguments[part]) if arguments else Any
        else:
            annotation = arguments[1] if len(arguments) > 1 else Any
    return _member(annotation, tree) if isinstance(tree, Mapping) else annotation


def _member(annotation: Any, value: Any) -> Any:
    """Return the alternative of a union that a value was meant to be."""
    for each in members(annotation):
        kind, _ = split(each)
        origin = get_origin(kind) or kind
        grouped = dataclasses.is_dataclass(origin) or origin in (dict, Mapping)
        if isinstance(value, Mapping) == grouped and each is not type(None):
            return each
    return annotation


def _step(tree: Any, part: str | int) -> Any:
    if isinstance(tree, Mapping):
        return next((value for name, value in tree.items() if str(name) == part), None)
    return (
        tree[part] if isinstance(tree, list | tuple) and isinstance(part, int) and part < len(tree) else None
    )


def _value(tree: Any, key: Key) -> Any:
    for part in key:
        tree = _step(tree, part)
    return tree


def _inside(tree: Any, key: Key) -> bool:
    """Whether a key is there: a list that is too short misses items and not keys."""
    parent = _value(tree, key[:-1])
    return not isinstance(parent, Mapping) or any(str(name) == key[-1] for name in parent)


def _has(tree: Any, key: Key) -> bool:
    for part in key:
        if not _inside(tree, (part,)) or not isinstance(tree, Mapping | list | tuple):
            return False
        tree = _step(tree, part)
    return bool(key)


def _dotted(key: Key, tree: Any, skipped: int) -> str:
    """Return `a.b[1].c`; the only item of a list goes without its number. `tree` begins after `skipped`."""
    name, node = "", tree
    for k, part in enumerate(key):
        if isinstance(part, str):
            name += f".{part}" if name else part
        elif k < skipped or not isinstance(node, list | tuple) or len(node) > 1:
            name += f"[{part}]"
        node = _step(node, part) if k >= skipped else tree
    return name


def _without_unknown(tree: Any, errors: Sequence[Any]) -> Any:
    """Return the tree without its unknown keys, or None if it has none."""
    kind = "unexpected_keyword_argument"
    gone = {_path(tree, each) for each in errors if each["type"] == kind}

    def kept(node: Any, above: Key) -> Any:
        if isinstance(node, Mapping):
            return {
                name: kept(value, (*above, str(name)))
                for name, value in node.items()
                if (*above, str(name)) not in gone
            }
        if isinstance(node, list | tuple):
            return [kept(value, (*above, k)) for k, value in enumerate(node)]
        return node

    return kept(tree, ()) if gone else None
