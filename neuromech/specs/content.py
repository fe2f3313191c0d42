"""Find bodies, environments and controllers by name, and read their YAML.

A root is a folder that holds `bodies/`, `environments/`, `controllers/` and `configs/` (any of them).
Roots are searched in this order: those beside a directory given as `--config-dir`, those in the
environment variable `NEUROMECH_CONTENT` (separated like `PATH`), the checkout this package was imported
from, the copy inside an installed wheel, and those of installed packages, which name theirs by an entry point
of the group `neuromech.content`. The first that has a name wins, so a package replaces nothing of ours.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, overload

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.files import user_path
from neuromech.specs.body import BodySpec, read_body
from neuromech.specs.checking import Origin
from neuromech.specs.controller import CommandingSpec, ControllerSpec, WiredSpec, read_controller
from neuromech.specs.environment import EnvironmentSpec, MediumSpec, read_environment
from neuromech.specs.yaml_files import read_yaml, refuse_lookups

Kind = Literal["bodies", "environments", "controllers"]

GROUP = "neuromech.content"
"""The entry-point group of packages that bring bodies, environments, controllers or experiments."""

SECTION: dict[Kind, str] = {"bodies": "body", "environments": "environment", "controllers": "controller"}
"""The singular of each kind, as in a run's configuration and in the name of the YAML file."""


def roots(config_dirs: Sequence[Path] = ()) -> list[Path]:
    """Return the content roots that exist, the user's own first."""
    package = Path(__file__).resolve().parent.parent
    found = [Path(folder).resolve().parent for folder in config_dirs]
    found += [user_path(part) for part in os.environ.get("NEUROMECH_CONTENT", "").split(os.pathsep) if part]
    # Installed, the parent is site-packages, where `controllers/` may be somebody else's package.
    if (package.parent / "pyproject.toml").is_file():
        found.append(package.parent)
    found.append(package / "_content")
    found += packaged()[0]
    return [root for root in dict.fromkeys(found) if root.is_dir()]


@lru_cache(maxsize=1)
def packaged() -> tuple[list[Path], dict[str, str]]:
    """Return the content roots of installed packages, and why those are missing that are, by entry point.

    An entry point `NAME = PACKAGE.FOLDER` of the group `neuromech.content` means a folder inside a package,
    or a whole package. Only what is above the folder is imported.
    """
    folders: list[Path] = []
    missing: dict[str, str] = {}
    for point in entry_points(group=GROUP):
        try:
            spec = find_spec(point.value)
        except Exception as error:  # a broken package must not stop the runs of others
            missing[point.name] = f"{type(error).__name__}: {error}"
            continue
        places = list(spec.submodule_search_locations or ()) if spec is not None else []
        folders += [Path(place) for place in places]
        if not places:
            missing[point.name] = f"there is no folder {point.value}"
    return folders, missing


def search_path(config_dirs: Sequence[Path] = ()) -> list[Path]:
    """Return the hydra configuration directories that exist, the user's own first."""
    found = [Path(folder).resolve() for folder in config_dirs]
    found += [root / "configs" for root in roots(config_dirs)]
    return [folder for folder in dict.fromkeys(found) if folder.is_dir()]


def names(kind: Kind, config_dirs: Sequence[Path] = ()) -> list[str]:
    """Return the names of all bodies, environments or controllers that can be found."""
    return sorted(_folders(kind, config_dirs))


def find(kind: Kind, name: str, config_dirs: Sequence[Path] = ()) -> Path:
    """Return the folder of one body, environment or controller.

    Raises InputError with the nearest names when there is none.
    """
    folders = _folders(kind, config_dirs)
    if name not in folders:
        raise unknown(SECTION[kind], name, folders)
    return folders[name]


@overload
def load(
    kind: Literal["bodies"],
    name: str,
    overrides: Mapping[str, Any] | None = None,
    config_dirs: Sequence[Path] = (),
) -> BodySpec: ...
@overload
def load(
    kind: Literal["environments"],
    name: str,
    overrides: Mapping[str, Any] | None = None,
    config_dirs: Sequence[Path] = (),
) -> EnvironmentSpec: ...
@overload
def load(
    kind: Literal["controllers"],
    name: str,
    overrides: Mapping[str, Any] | None = None,
    config_dirs: Sequence[Path] = (),
) -> ControllerSpec: ...


def load(
    kind: Kind, name: str, overrides: Mapping[str, Any] | None = None, config_dirs: Sequence[Path] = ()
) -> BodySpec | EnvironmentSpec | ControllerSpec:
    """Return what a folder's YAML says, with a run's keys merged over it.

    Its `folder` is the folder's path, its `folders` that and those that it extends, the first of them first:
    `extends: NAME` lays a folder's YAML over that of another.

    Raises
    ------
    InputError
        There is no such folder, a key is unknown or missing, or a value is of the wrong type or out of range.
    """
    base, folders = written(kind, name, config_dirs)
    over = {key: value for key, value in (overrides or {}).items() if key != "name"}
    refuse_lookups(over, f"{SECTION[kind]}.")
    origin = Origin(SECTION[kind], folders[-1] / f"{SECTION[kind]}.yaml", over)
    spec = _READERS[kind](merged({**base, "name": name}, over), origin)
    if isinstance(spec, WiredSpec):
        _check_drives(over, base)
    if isinstance(spec, EnvironmentSpec) and spec.other is not None:
        body = load("bodies", spec.other.body, config_dirs=config_dirs)
        controller = load("controllers", spec.other.controller, config_dirs=config_dirs)
        other = dataclasses.replace(spec.other, body_spec=body, controller_spec=controller)
        spec = dataclasses.replace(spec, other=other)
    return dataclasses.replace(spec, folder=folders[-1], folders=tuple(folders))


def wired(
    name: str, overrides: Mapping[str, Any] | None = None, config_dirs: Sequence[Path] = ()
) -> WiredSpec:
    """Return what the folder of a controller that is made of neurons says.

    Raises
    ------
    InputError
        As `load`, and where the controller has no neurons.
    """
    spec = load("controllers", name, overrides, config_dirs)
    if not isinstance(spec, WiredSpec):
        raise InputError(f"controllers/{name} (model: {spec.model}) is not made of neurons")
    return spec


def under(spec: CommandingSpec, overrides: Mapping[str, Any] | None = None) -> WiredSpec:
    """Return the controller that another one commands, its key `under`.

    It is looked for beside the folder of the one above it first. Raises `InputError` as `wired` does.
    """
    beside = spec.folder.resolve().parent.parent / "configs"
    return wired(spec.under, overrides, [beside])


def parameters(folders: Iterable[Path | str], fitted: str | None = None, seed: int = 0) -> dict[str, Any]:
    """Return the `parameters` of the parameters.yaml of folders, each laid over those before it.

    With `fitted` what another fit found is laid over them: fits/NAME.yaml in one of the folders, `{seed}` in
    the name being `seed`. Raises `InputError` if there is none of that name.
    """
    folders = [Path(folder) for folder in folders]
    found: dict[str, Any] = {}
    for folder in folders:
        found = union(found, read_yaml(folder / "parameters.yaml")["parameters"])
    if fitted is None:
        return found
    name = fitted.replace("{seed}", str(seed))
    fits = {file.stem: file for folder in folders for file in sorted(folder.glob("fits/*.yaml"))}
    if name not in fits:
        raise unknown("fit of the controller", name, fits)
    return union(found, read_yaml(fits[name])["parameters"])


def union(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested mappings with another's keys laid over them and added to them."""
    both = {**base, **over}
    for key in base.keys() & over.keys():
        if isinstance(base[key], Mapping) and isinstance(over[key], Mapping):
            both[key] = union(base[key], over[key])
    return both


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `union`, but that a group which changes its `kind` or `law` begins anew.

    Keys of one kind mean nothing to another.
    """
    both = {**base, **over}
    for key in base.keys() & over.keys():
        old, new = base[key], over[key]
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            changes = any(
                name in new and new[name] != old.get(name, usual)
                for name, usual in (("kind", None), (MediumSpec.KEY, MediumSpec.USUAL))
            )
            both[key] = dict(new) if changes else merged(old, new)
    return both


def written(
    kind: Kind, name: str, config_dirs: Sequence[Path], above: tuple[str, ...] = ()
) -> tuple[dict[str, Any], list[Path]]:
    """Return the YAML of a folder as it is written, over that of the one it extends, and both folders."""
    folder = find(kind, name, config_dirs)
    file = folder / f"{SECTION[kind]}.yaml"
    own = read_yaml(file)
    under = own.pop("extends", None)
    if under is None:
        return own, [folder]
    if not isinstance(under, str):
        raise InputError(f"{file}: extends must be a word, not {under!r}")
    if under in (*above, name):
        raise InputError(f"{folder}: {' extends '.join((*above, name, under))}")
    base, folders = written(kind, under, config_dirs, (*above, name))
    return union(base, own), [*folders, folder]


def _check_drives(over: Mapping[str, Any], base: Mapping[str, Any]) -> None:
    """Refuse a run that drives neurons which the controller does not name among its commands."""
    for group in ("commands", "ramps"):
        given, there = over.get(group), base.get(group) or {}
        for name in given if isinstance(given, Mapping) else ():
            if name not in there:
                key = f"{SECTION['controllers']}.{group}"
                raise unknown("key", f"{key}.{name}", [f"{key}.{each}" for each in there])


def plain(config: Any) -> dict[str, Any]:
    """Return a composed configuration as plain mappings and lists."""
    return {str(key): value for key, value in config.items()}


def keys(tree: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the dotted name of every key of nested mappings."""
    for key, value in tree.items():
        yield prefix + str(key)
        if isinstance(value, Mapping):
            yield from keys(value, f"{prefix}{key}.")


def digest(folders: Iterable[Path | str]) -> str:
    """Return 16 hexadecimal digits that change when any file that a run can read in the folders changes."""
    total = hashlib.sha256()
    for folder in map(Path, folders):
        for file in sorted(folder.rglob("*")):
            relative = file.relative_to(folder)
            if (
                file.is_file()
                and file.suffix != ".md"
                and not any(part.startswith((".", "__")) for part in relative.parts)
            ):
                data = file.read_bytes()
                total.update(f"{folder.name}/{relative.as_posix()}\0{len(data)}\0".encode())
                total.update(data)
    return total.hexdigest()[:16]


def _folders(kind: Kind, config_dirs: Sequence[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for root in roots(config_dirs):
        for file in (root / kind).glob(f"*/{SECTION[kind]}.yaml"):
            found.setdefault(file.parent.name, file.parent)
    return found


_READERS: dict[Kind, Callable[..., Any]] = {
    "bodies": read_body,
    "environments": read_environment,
    "controllers": read_controller,
}
