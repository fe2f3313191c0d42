"""Read YAML as plain data: mappings, lists, text and numbers, of bounded size, and nothing that is looked up.

A file may come from a stranger. Nothing in it is executed, no environment variable and no other key is put in
the place of `${...}`, a file that says much with few bytes (aliases of aliases) is refused before it is
expanded, and texts are read in the encodings that editors save: UTF-8, with a byte-order mark or without, and
UTF-16 with one.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Any

import yaml

from neuromech._lib.errors import InputError

MOST_BYTES = 4 << 20
"""Size of a file: a hundred times the largest that comes with the program."""
MOST_VALUES = 200_000
"""Values of a file once all aliases are written out."""
DEEPEST = 40
"""Groups within groups."""

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Encodings by the bytes with which a file in them begins; the mark of UTF-32 begins with that of UTF-16."""


_SPOKEN = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-32": "UTF-32"}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Plain data with YAML 1.2's numbers: 1e-3 is one, and a date is text. Keys are text as it is written."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Take keys as they are written, `on` too; refuse one that is there twice."""
        seen = set()
        for name, _ in node.value:
            if name.tag != "tag:yaml.org,2002:merge":
                if not isinstance(name, yaml.ScalarNode):
                    raise yaml.constructor.ConstructorError(
                        None, None, "a key must be a word", name.start_mark
                    )
                if name.value in seen:
                    problem = f"found duplicate key {name.value}"
                    raise yaml.constructor.ConstructorError(None, None, problem, name.start_mark)
                seen.add(name.value)
                name.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, shape) for tag, shape in shapes if tag != "tag:yaml.org,2002:timestamp"]
    for first, shapes in _Loader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"""^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+]?[0-9]+)?
        |[-+]?(?:[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)
        |\.[0-9_]+(?:[eE][-+][0-9]+)?
        |[-+]?\.(?:inf|Inf|INF)
        |\.(?:nan|NaN|NAN))$""",
        re.VERBOSE,
    ),
    list("-+0123456789."),
)


class _Dumper(yaml.SafeDumper):
    """Text is quoted wherever `_Loader` would take it for something else."""

    yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers


def dump_yaml(tree: Any) -> str:
    """Return plain data as YAML that `read_yaml` reads back."""
    return yaml.dump(
        tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None
    )


def read_yaml(path: Path | str) -> dict[str, Any]:
    """Return the mapping in a YAML file.

    Raises
    ------
    InputError
        The file cannot be read, is no text in a known encoding, is too large or no mapping, or asks for
        something to be looked up.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:  # a name with a zero byte
        raise InputError(f"{str(path)!r}: {error}") from None
    if len(data) > MOST_BYTES:
        raise InputError(f"{path}: larger than {MOST_BYTES >> 20} MiB, which is no configuration")
    return parse(decoded(data, path), path)


def decoded(data: bytes, path: Path | str) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 or UTF-32 with a byte-order mark.

    Raises
    ------
    InputError
        The bytes are in another encoding, or no text.
    """
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"{path}: line {line} is not valid {_SPOKEN[encoding]}; save the file as UTF-8"
        ) from None


def parse(text: str, path: Path | str) -> dict[str, Any]:
    """Return the mapping that a YAML text describes; `path` is named in messages.

    Raises
    ------
    InputError
        The text is not valid YAML, too large once its aliases are written out, no mapping, or asks for
        something to be looked up.
    """
    try:
        _bounded(text)
        tree = yaml.load(text, Loader=_Loader)  # noqa: S506  (a safe loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise InputError(f"{path}: {line}{error.problem or error.context or 'not valid YAML'}") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not valid YAML: {str(error).splitlines()[0]}") from None
    except (ValueError, OverflowError, RecursionError) as error:
        raise InputError(f"{path}: {str(error).splitlines()[0]}") from None
    if not isinstance(tree, dict):
        raise InputError(f"{path}: must hold 'key: value' lines")
    refuse_lookups(tree, f"{path}: ")
    return tree


def refuse_lookups(tree: Any, before: str = "", key: str = "") -> None:
    """Raise `InputError` where a text of a tree holds `${...}`, which other programs would replace."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            refuse_lookups(value, before, f"{key}.{name}" if key else str(name))
    elif isinstance(tree, list):
        for value in tree:
            refuse_lookups(value, before, key)
    elif isinstance(tree, str) and "${" in tree:
        shown = tree if len(tree) < 60 else f"{tree[:60]} ..."
        raise InputError(f"{before}{key} is {shown!r}: nothing is looked up here, write the value itself")


def _bounded(text: str) -> None:
    """Refuse what would be too large once every alias is written out, or is nested too deep.

    This looks at the marks of the text one after the other: nothing is built yet.
    """
    sizes: dict[str, int] = {}  # of what an anchor names
    open_: list[tuple[str | None, int]] = []  # anchor and values so far of every group that is open
    total = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            if any(anchor == event.anchor for anchor, _ in open_):
                raise ValueError(f"*{event.anchor} stands within itself")
            added = sizes.get(str(event.anchor), 1)
        elif isinstance(event, yaml.ScalarEvent):
            added = 1
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            open_.append((event.anchor, 1))
            if len(open_) > DEEPEST:
                raise ValueError(f"groups within groups, more than {DEEPEST} deep")
            continue
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, added = open_.pop()
            if anchor:
                sizes[anchor] = added
        else:
            continue
        total = max(total, added)
        if open_:
            open_[-1] = (open_[-1][0], open_[-1][1] + added)
            total = max(total, sum(count for _, count in open_))
        if total > MOST_VALUES:
            raise ValueError(f"more than {MOST_VALUES} values once its aliases are written out")
