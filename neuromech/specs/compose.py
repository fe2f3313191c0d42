"""Compose a run's configuration from YAML files and `key=value` overrides, with hydra's grammar.

Hydra's own command line prints several lines for a mistake and cannot see the content folders' keys, so
only its composition and its override grammar are used here.
"""

from __future__ import annotations

import dataclasses
import itertools
import logging
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType, ValueType
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from neuromech._lib import interrupts
from neuromech._lib.errors import InputError, unknown
from neuromech.specs import content, hydra_files
from neuromech.specs.checking import plain
from neuromech.specs.run import Run, RunConfig, resolve
from neuromech.specs.yaml_files import read_yaml, refuse_lookups

RUN_KEYS = tuple(field.name for field in dataclasses.fields(RunConfig))
FIT_KEYS = (
    "fit",
    "title",
    "method",
    "controller",
    "search",
    "parameters",
    "scenarios",
    "gradient",
    "run",
    "seed",
    "output",
    "cluster",
)
TRAIN_KEYS = (
    *RUN_KEYS, "train", "task", "learner", "learners", "reward", "algorithm", "steps", "checkpoint_steps",
    "envs", "spawn", "evaluate", "controls", "seeds", "page",
)  # fmt: skip
KEYS = {"config": RUN_KEYS, "fit": FIT_KEYS, "train": TRAIN_KEYS}
"""The outermost keys of a configuration, by the file of configs/ that it begins with."""

_COMPOSING = threading.Lock()
"""Hydra composes one configuration at a time, and a worker may have several threads."""

USUAL_LEARNER = {"evolution": "parameters", "policy_gradient": "wiring"}
"""What an algorithm trains where `learner` does not say it; all others train networks over muscles."""

PATH_KEYS = ("output", "simulation", "animal", "file", "pictures", "page")
"""Keys whose value is a file or folder: it is taken as it stands, whatever hydra's grammar makes of it."""


def compose(
    overrides: Sequence[str] = (), config_dirs: Sequence[Path] = (), primary: str = "config"
) -> dict[str, Any]:
    """Return the configuration that `primary`.yaml and the overrides make, as plain mappings and lists.

    A value override may name any key of the configuration, and any key at all below `body`, `environment`
    and `controller`: those are checked when the content is loaded.

    Raises
    ------
    InputError
        A file or an override cannot be read, or an outermost key is unknown.
    """
    parsed = _single(overrides)
    searched = content.search_path(config_dirs)
    groups = {folder.name for path in searched for folder in path.iterdir() if folder.is_dir()}
    choices = {o.key_or_group: o for o in parsed if o.key_or_group in groups}
    config = _from_files([o.input_line or "" for o in choices.values()], searched, primary)
    for group, override in choices.items():
        config[group] = override.value()
    for section in content.SECTION.values():
        if isinstance(config.get(section), str):
            config[section] = {"name": config[section]}
    for override in parsed:
        if override.key_or_group not in choices:
            _apply(override, config, primary)
    for key in config:
        if key not in KEYS[primary]:
            raise unknown("key", key, KEYS[primary])
    interrupts.check()
    return config


def load_run(overrides: Sequence[str] = (), config_dirs: Sequence[Path] = ()) -> Run:
    """Return the run of overrides such as `["experiment=worm_crawl", "seed=3"]`.

    Raises
    ------
    InputError
        As `compose` and `neuromech.specs.run.resolve`.
    """
    return resolve(compose(overrides, config_dirs), config_dirs)


def training(overrides: Sequence[str] = (), config_dirs: Sequence[Path] = ()) -> dict[str, Any]:
    """Return the configuration of `neuromech train`: with the task of the experiment's name, if there is one.

    The learner defaults to the muscles, and to the parameters for an evolution.
    """
    chosen = {o.key_or_group: str(o.value()) for o in _single(overrides)}
    name = chosen.get("experiment", "")
    task = [f"task={name}"] if "task" not in chosen and name in options("task", config_dirs) else []
    config = compose([*task, *overrides], config_dirs, primary="train")
    if config.get("learner") is None:
        algorithm = config.get("algorithm")
        kind = str(algorithm.get("kind")) if isinstance(algorithm, Mapping) else ""
        config["learner"] = USUAL_LEARNER.get(kind, "muscles")
    return config


def options(group: str, config_dirs: Sequence[Path] = ()) -> dict[str, Path]:
    """Return the YAML files of a group of configurations ("experiment", "fit") by name."""
    found: dict[str, Path] = {}
    for folder in content.search_path(config_dirs):
        for file in sorted((folder / group).glob("*.yaml")):
            found.setdefault(file.stem, file)
    return dict(sorted(found.items()))


def expand(overrides: Sequence[str]) -> list[list[str]]:
    """Return one list of overrides for every combination of the values listed with commas, in order."""
    jobs = [
        [f"{o.get_key_element()}={value}" for value in o.sweep_string_iterator()]
        if o.is_sweep_override()
        else [o.input_line or ""]
        for o in _parse(overrides)
    ]
    return [list(job) for job in itertools.product(*jobs)]


def values(overrides: Sequence[str], valid: Sequence[str]) -> dict[str, Any]:
    """Return the values of overrides for a command that reads no configuration files but knows its keys."""
    given = {}
    for override in _single(overrides):
        if override.key_or_group not in valid:
            raise unknown("key", override.key_or_group, valid)
        given[override.key_or_group] = override.value()
    return given


def _single(overrides: Sequence[str]) -> list[Override]:
    parsed = _parse(overrides)
    for override in parsed:
        if override.is_sweep_override():
            line = override.input_line
            raise InputError(f"{line} lists several values: write [a,b], or add --multirun to run each")
    return parsed


def _parse(overrides: Sequence[str]) -> list[Override]:
    parsed = []
    for text in overrides:
        literal = _path_as_written(text)
        if literal is not None:
            parsed.append(literal)
            continue
        try:
            override = OverridesParser.create().parse_override(text)
        except HydraException:
            raise InputError(f"cannot read '{text}'; write key=value or 'key=[a,b]' in quotes") from None
        if override.is_add() or override.is_force_add() or override.is_delete() or override.package:
            raise InputError(f"cannot use '{text}'; an override is a plain key=value")
        parsed.append(override)
    return parsed


def _path_as_written(text: str) -> Override | None:
    """Return the override of a path key with its value as written, None for everything else.

    Left to hydra's grammar are `null`, and a list in brackets such as `animal=[a.csv,b.csv]`, unless a file
    of that very name exists.
    """
    key, equals, value = text.partition("=")
    if not equals or key not in PATH_KEYS:
        return None
    if not value:
        raise InputError(f"{key}= is empty; write {key}=PATH, or leave it out")
    listed = key == "animal" and value.startswith("[") and value.endswith("]")
    if (listed or value == "null") and not os.path.exists(value):
        return None
    return Override(OverrideType.CHANGE, key, ValueType.ELEMENT, value, input_line=text)


def _from_files(choices: list[str], searched: list[Path], primary: str) -> dict[str, Any]:
    if not searched:
        raise InputError("no configs folder found; is NEUROMECH_CONTENT right?")
    for choice in choices:
        group, _, name = choice.partition("=")
        found = [file.stem for folder in searched for file in (folder / group).glob("*.yaml")]
        if name.strip("'\"") not in found:
            raise unknown(group, name, found)
    # Hydra logs warnings about files that are not its own, but a message on stderr has to be one line.
    logging.getLogger("hydra").addHandler(logging.NullHandler())
    try:
        with (
            _COMPOSING,
            hydra_files.searching(searched),
            initialize_config_dir(str(searched[-1]), job_name="neuromech", version_base="1.3"),
        ):
            config = OmegaConf.to_container(hydra_compose(primary, choices))
    except InputError:
        raise
    except (
        HydraException,
        OmegaConfBaseException,
        YAMLError,
        ValueError,
        TypeError,
        RecursionError,
    ) as error:
        raise InputError(_one_line(error, searched, choices, primary)) from None
    assert isinstance(config, dict)
    return {str(key): value for key, value in config.items()}


def _one_line(error: Exception, searched: list[Path], choices: list[str], primary: str) -> str:
    """Say which of the files taking part is broken, or repeat hydra's first line."""
    files = [folder / f"{primary}.yaml" for folder in searched]
    files += [folder / f"{choice.replace('=', '/')}.yaml" for folder in searched for choice in choices]
    for file in filter(Path.is_file, files):
        try:
            read_yaml(file)
        except InputError as broken:
            return str(broken)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _apply(override: Override, config: dict[str, Any], primary: str) -> None:
    key: str = override.key_or_group
    value = override.value()
    if key not in PATH_KEYS:  # there, it is part of the name
        refuse_lookups(value, key=key)
    parts = key.replace("[", ".").replace("]", "").split(".")
    if parts[0] in content.SECTION.values():
        if len(parts) == 1:
            # Another environment has other keys: those that were set for the former one are dropped.
            config[key] = {"name": value} if isinstance(value, str) else value
            return
    else:
        _check_exists(key, parts, config, primary)
    node: Any = config
    for part in parts[:-1]:
        if isinstance(node, list):
            node = node[int(part)]
            continue
        if not isinstance(node.get(part), dict | list):
            node[part] = {}
        node = node[part]
    last: Any = int(parts[-1]) if isinstance(node, list) else parts[-1]
    try:
        old = node[last] if isinstance(node, list) else node.get(last)
        # A group takes new values for some of its keys; everything else is replaced.
        node[last] = content.union(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    except (IndexError, ValueError):
        raise InputError(f"cannot set {override.input_line}: there is no such item") from None


def _check_exists(key: str, parts: list[str], config: Mapping[str, Any], primary: str) -> None:
    """Refuse a key that the configuration does not have, and that a run has not either."""
    whole = dict(config) if primary == "fit" else content.union(plain(RunConfig()), config)
    node: Any = whole
    for part in parts:
        inside = isinstance(node, dict) and part in node
        inside |= isinstance(node, list) and part.isdigit() and int(part) < len(node)
        if not inside:
            raise unknown("key", key, content.keys(whole))
        node = node[int(part)] if isinstance(node, list) else node[part]
