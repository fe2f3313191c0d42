"""The keys of what is registered under a name: a sense, a stimulus, a medium, or one of somebody else's.

Its class (or function) declares them as the keywords that it takes: `def __init__(self, body, *, sites:
Names, reach_mm: Positive | None = None)`, or as the fields of a dataclass. What the program itself hands over
(the body, the environment) is no key. A `Part` of a YAML file has a `kind`, and the keys of that kind beside
it.
"""

from __future__ import annotations

import copy
import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, TypeVar, get_type_hints

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.registry import registry
from neuromech.specs.checking import Origin, check, documented_adapter, plain, strict

Built = TypeVar("Built")
AnyPart = TypeVar("AnyPart", bound="Part")


@dataclass(frozen=True)
class Part:
    """A part of a body or a world whose keys depend on its kind.

    Parameters
    ----------
    kind : a name of the registry `REGISTRY`, written under `KEY`.
    options : the checked values of all keys of that kind, those that were left out at their defaults.
    """

    kind: str
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    REGISTRY: ClassVar[str] = ""
    KEY: ClassVar[str] = "kind"
    USUAL: ClassVar[str | None] = None
    """The kind of one that does not say it; None where it must."""
    SUPPLIED: ClassVar[tuple[str, ...]] = ()
    """Names of arguments that the program hands over."""

    @classmethod
    def shared(cls) -> dict[str, dataclasses.Field[Any]]:
        """Return the fields that every kind has beside its own keys."""
        return {f.name: f for f in dataclasses.fields(cls) if f.name not in ("kind", "options")}

    @classmethod
    def declared(cls, kind: str) -> type[Any] | None:
        """Return the dataclass of a kind's own keys; None where nothing says what they are."""
        return options_of(registry(cls.REGISTRY)[kind], cls.SUPPLIED)

    @classmethod
    def kinds(cls) -> list[str]:
        """Return the names that `kind` may have."""
        return sorted(registry(cls.REGISTRY))

    @classmethod
    def read(cls: type[AnyPart], tree: Mapping[str, Any], origin: Origin, lenient: bool = False) -> AnyPart:
        """Return the checked part; `lenient` leaves out keys that are unknown.

        Raises
        ------
        InputError
            Its kind or a key is unknown, a key is missing, or a value does not fit.
        """
        kind = tree.get(cls.KEY, cls.USUAL)
        if kind is None or not isinstance(kind, str):
            key, there = origin.place((cls.KEY,))[1], ", ".join(cls.kinds())
            told = f"{key} is missing" if cls.KEY not in tree else f"{key} must be a word, not {kind!r}"
            raise InputError(f"{origin.place((cls.KEY,))[0]}{told}; there are {there}")
        if kind not in cls.kinds():
            before, name = origin.place((cls.KEY,))
            raise InputError(before + str(unknown(name, kind, cls.kinds())))
        given = {str(key): value for key, value in tree.items() if key != cls.KEY}
        own = cls.declared(kind)
        if own is None:
            shared = {key: value for key, value in given.items() if key in cls.shared()}
            return cls(kind, {key: value for key, value in given.items() if key not in shared}, **shared)
        values = check(_joined(cls, kind, own), given, origin, lenient)
        found = {field.name: getattr(values, field.name) for field in dataclasses.fields(values)}
        shared = {name: found.pop(name) for name in cls.shared()}
        return cls(kind, found, **shared)

    def build(self, **supplied: Any) -> Any:
        """Call what is registered under the kind, with the options and such of `supplied` as it takes."""
        return call(registry(self.REGISTRY)[self.kind], self.options, **supplied)

    def as_plain(self) -> dict[str, Any]:
        """Return the part as it is written in YAML."""
        shared = {name: plain(getattr(self, name)) for name in self.shared()}
        return {self.KEY: self.kind, **shared, **plain(self.options)}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Return a schema that takes any group: `read_parts` checks it when its kind is known."""
        from pydantic_core import core_schema

        group = core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema())
        return core_schema.no_info_after_validator_function(lambda tree: _Unread(cls, tree), group)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """Return the JSON schema of a part: one alternative for every kind that is registered."""
        choices = []
        for kind in cls.kinds():
            own = cls.declared(kind)
            choice = (
                {"type": "object", "properties": {}} if own is None else schema_of(_joined(cls, kind, own))
            )
            choice = inlined(choice)
            choice["properties"] = {cls.KEY: {"const": kind}, **choice["properties"]}
            if kind != cls.USUAL:
                choice["required"] = [cls.KEY, *choice.get("required", [])]
            choices.append(choice)
        return {"anyOf": choices}


@dataclass(frozen=True)
class _Unread:
    """A group that is to become a part."""

    part: type[Part]
    tree: dict[str, Any]

    def read(self, origin: Origin, lenient: bool) -> Part:
        return self.part.read(self.tree, origin, lenient)


def read_parts(spec: Built, origin: Origin, lenient: bool = False) -> Built:
    """Return a checked dataclass with every `Part` in its fields checked against its kind.

    `lenient` leaves out what is unknown, as `check` does.

    Raises
    ------
    InputError
        As `Part.read`.
    """
    changed: dict[str, Any] = {}
    for field in dataclasses.fields(spec):  # type: ignore[arg-type]
        value = getattr(spec, field.name)
        if isinstance(value, _Unread):
            changed[field.name] = value.read(origin.below(field.name), lenient)
        elif isinstance(value, Mapping) and any(isinstance(each, _Unread) for each in value.values()):
            changed[field.name] = {
                name: each.read(origin.below(field.name, name), lenient) for name, each in value.items()
            }
    return dataclasses.replace(spec, **changed) if changed else spec  # type: ignore[type-var]


@lru_cache(maxsize=256)
def options_of(item: Any, supplied: tuple[str, ...] = ()) -> type[Any]:
    """Return the dataclass of the keys that a registered class or function takes.

    Parameters
    ----------
    item : its keywords are the keys, their annotations what the values must be.
    supplied : names of arguments that are no keys.

    Raises
    ------
    InputError
        An annotation names something that cannot be found, or `item` takes any key at all.
    """
    parameters = [
        each
        for each in inspect.signature(item).parameters.values()
        if each.name not in supplied and each.kind is not each.VAR_POSITIONAL
    ]
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        raise InputError(f"{item.__name__} takes any keyword: name the keys that it takes")
    types = _annotations(item)
    fields = [
        (each.name, types.get(each.name, Any))
        if each.default is each.empty
        else (each.name, types.get(each.name, Any), _default(each.default))
        for each in parameters
    ]
    made = dataclasses.make_dataclass(f"{item.__name__}Options", fields, frozen=True, kw_only=True)
    made.__doc__ = inspect.getdoc(item)
    return strict(made)


def schema_of(cls: type[Any]) -> dict[str, Any]:
    """Return the JSON schema of a dataclass that is marked with `strict`."""
    return documented_adapter(cls).json_schema()


def inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with its definitions in the places where they are referred to, and without titles."""
    known = schema.get("$defs", {})

    def clean(node: Any) -> Any:
        if isinstance(node, list):
            return [clean(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            meant = known[node["$ref"].rsplit("/", 1)[-1]]
            return clean({**meant, **{key: value for key, value in node.items() if key != "$ref"}})
        return {
            key: {name: clean(each) for name, each in value.items()} if key == "properties" else clean(value)
            for key, value in node.items()
            if key not in ("$defs", "title")
        }

    return clean(schema)


def check_fields(made: Any, section: str) -> None:
    """Check the fields of a dataclass that was made in Python as a YAML file's would be.

    Raises
    ------
    InputError
        A value is of the wrong type or out of range; the message names it below `section`.
    """
    check(
        options_of(type(made)),
        {f.name: getattr(made, f.name) for f in dataclasses.fields(made)},
        Origin(section),
    )


def call(item: Callable[..., Any], options: Mapping[str, Any], **supplied: Any) -> Any:
    """Call a registered class or function with its options and such of `supplied` as it takes."""
    taken = inspect.signature(item).parameters
    return item(**{name: value for name, value in supplied.items() if name in taken}, **options)


@lru_cache(maxsize=256)
def _joined(cls: type[Part], kind: str, own: type[Any]) -> type[Any]:
    """Return one dataclass of the keys that all kinds share and those of one kind."""
    shared, types = cls.shared(), get_type_hints(cls, include_extras=True)
    mine = get_type_hints(own, include_extras=True)
    fields = [(field.name, types[field.name], field) for field in shared.values()]
    fields += [(field.name, mine[field.name], field) for field in dataclasses.fields(own)]
    made = dataclasses.make_dataclass(
        f"{cls.__name__}_{kind}",
        [(name, kind_of, again(field)) for name, kind_of, field in fields],
        frozen=True,
        kw_only=True,
    )
    return strict(made)


def again(field: dataclasses.Field[Any]) -> Any:
    """Return a field with the default of another one."""
    if field.default is not dataclasses.MISSING:
        return dataclasses.field(default=field.default)
    if field.default_factory is not dataclasses.MISSING:
        return dataclasses.field(default_factory=field.default_factory)
    return dataclasses.field()


def _annotations(item: Any) -> dict[str, Any]:
    holder = item
    if inspect.isclass(item) and not dataclasses.is_dataclass(item):
        holder = item.__init__
    try:
        return get_type_hints(holder, include_extras=True)
    except NameError as problem:
        raise InputError(f"the keys of {item.__name__} cannot be read: {problem}") from None


def _default(value: Any) -> Any:
    if isinstance(value, list | dict | set):
        return dataclasses.field(default_factory=lambda: copy.copy(value))
    return dataclasses.field(default=value)
