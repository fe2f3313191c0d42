"""Find bodies, environments and controllers by name, and read their YAML.

A root is a folder that holds `bodies/`, `environments/`, `controllers/` and `configs/` (any of them).
Roots are searched in this order: those beside a directory given as `--config-dir`, those in the
environment variable `NEUROMECH_CONTENT` (separated like `PATH`), the checkout this package was imported
from, and the copy inside an installed wheel.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.files import user_path

Kind = Literal["bodies", "environments", "controllers"]

SECTION: dict[Kind, str] = {"bodies": "body", "environments": "environment", "controllers": "controller"}
"""What one folder of a kind is called, in a run's configuration and in its file name."""


def roots(config_dirs: Sequence[Path] = ()) -> list[Path]:
    """Return the content roots that exist, the user's own first."""
    package = Path(__file__).resolve().parent.parent
    found = [Path(folder).resolve().parent for folder in config_dirs]
    found += [user_path(part) for part in os.environ.get("NEUROMECH_CONTENT", "").split(os.pathsep) if part]
    # Installed, the parent is site-packages, where `controllers/` may be somebody else's package.
    if (package.parent / "pyproject.toml").is_file():
        found.append(package.parent)
    found.append(package / "_content")
    return [root for root in dict.fromkeys(found) if root.is_dir()]


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


def load(
    kind: Kind, name: str, overrides: Mapping[str, Any] | None = None, config_dirs: Sequence[Path] = ()
) -> dict[str, Any]:
    """Return a folder's YAML with a run's keys merged over it.

    The result also has `name`, `folder` (the folder's path) and `folders`: it and those that it extends,
    the first of them first. `extends: NAME` lays a folder's YAML over that of another. Raises InputError for
    a folder or a key that does not exist, and for a value of another kind than the one it replaces.
    """
    base, folders = _extended(kind, name, config_dirs)
    merged = _merged(base, {k: v for k, v in (overrides or {}).items() if k != "name"}, SECTION[kind])
    return {**merged, "name": name, "folder": folders[-1], "folders": folders}


def under(spec: Mapping[str, Any], overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the merged controller.yaml of the controller that another one commands, its key `under`.

    It is looked for beside the folder of the one above it first. Raises InputError as `load` does.
    """
    beside = Path(spec["folder"]).resolve().parent.parent / "configs"
    return load("controllers", str(spec["under"]), overrides, [beside])


def parameters(folders: Iterable[Path | str]) -> dict[str, Any]:
    """Return the `parameters` of the parameters.yaml of folders, each laid over those before it."""
    found: dict[str, Any] = {}
    for folder in folders:
        found = union(found, read_yaml(Path(folder) / "parameters.yaml")["parameters"])
    return found


def union(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested mappings with another's keys laid over them and added to them."""
    both = {**base, **over}
    for key in base.keys() & over.keys():
        if isinstance(base[key], Mapping) and isinstance(over[key], Mapping):
            both[key] = union(base[key], over[key])
    return both


def _extended(
    kind: Kind, name: str, config_dirs: Sequence[Path], above: tuple[str, ...] = ()
) -> tuple[dict[str, Any], list[str]]:
    """Return the YAML of a folder over that of the one it extends, and both folders."""
    folder = find(kind, name, config_dirs)
    own = read_yaml(folder / f"{SECTION[kind]}.yaml")
    under = own.pop("extends", None)
    if under is None:
        return own, [str(folder)]
    if under in (*above, name):
        raise InputError(f"{folder}: {' extends '.join((*above, name, str(under)))}")
    base, folders = _extended(kind, str(under), config_dirs, (*above, name))
    return union(base, own), [*folders, str(folder)]


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file; raises InputError when it cannot be read or is not a mapping."""
    try:
        loaded = OmegaConf.load(path)
        if isinstance(loaded, DictConfig):
            return plain(loaded)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise InputError(f"{path}: {line}{error.problem or error.context or 'not valid YAML'}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise InputError(f"{path}: not valid YAML") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    raise InputError(f"{path}: must hold 'key: value' lines")


def plain(config: DictConfig) -> dict[str, Any]:
    """Return a configuration as plain dicts and lists; raises InputError for a value left open."""
    try:
        return {str(k): v for k, v in dict(OmegaConf.to_container(config, resolve=True)).items()}  # type: ignore[call-overload]
    except OmegaConfBaseException as error:
        raise InputError(str(error).splitlines()[0]) from None


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


def _merged(base: Mapping[str, Any], over: Mapping[str, Any], where: str) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        name = f"{where}.{key}"
        if key not in base:
            raise unknown("key", name, keys(base, f"{where}."))
        old = base[key]
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(old, value, name)
        else:
            _check_same_kind(old, value, name)
            merged[key] = value
    return merged


def _check_same_kind(old: Any, new: Any, name: str) -> None:
    """Refuse a value that the reader of this key could not be expecting."""
    if isinstance(new, float) and not math.isfinite(new):
        raise InputError(f"{name} must be a finite number, not {new}")
    if isinstance(old, Mapping):
        raise InputError(f"{name} is a group; set one of {', '.join(keys(old, name + '.'))}")
    for kind, what in ((bool, "true or false"), ((int, float), "a number"), (list, "a list in brackets")):
        if isinstance(old, kind):
            if not isinstance(new, kind) or isinstance(new, bool) != isinstance(old, bool):
                raise InputError(f"{name} must be {what}, not {new!r}")
            return
    # A word such as `auto` may give way to a number.
    if isinstance(old, str) and (not isinstance(new, (str, int, float)) or isinstance(new, bool)):
        raise InputError(f"{name} must be a word or a number, not {new!r}")
