"""Compose a run's configuration from YAML files and `key=value` overrides, with hydra's grammar.

Hydra's own command line prints several lines for a mistake and cannot see the content folders' keys, so
only its composition and its override grammar are used here.
"""

from __future__ import annotations

import itertools
import logging
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType, ValueType
from hydra.core.plugins import Plugins
from hydra.errors import HydraException
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from neuromech._lib.errors import InputError, unknown
from neuromech.specs import content
from neuromech.specs.run import Run, resolve

PATH_KEYS = ("output", "simulation", "animal", "file", "pictures")
"""Keys whose value is a file or folder: it is taken as it stands, whatever hydra's grammar makes of it."""


def compose(
    overrides: Sequence[str] = (), config_dirs: Sequence[Path] = (), primary: str = "config"
) -> DictConfig:
    """Return the configuration that `primary`.yaml and the overrides make.

    A value override may name any key of the configuration, and any key at all below `body`, `environment`
    and `controller`: those are checked when the content is loaded. Raises InputError for everything else.
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
            _apply(override, config)
    return config


def load_run(overrides: Sequence[str] = (), config_dirs: Sequence[Path] = ()) -> Run:
    """Return the resolved run of overrides such as `["experiment=worm_crawl", "seed=3"]`."""
    return resolve(compose(overrides, config_dirs), config_dirs)


def training(overrides: Sequence[str] = (), config_dirs: Sequence[Path] = ()) -> DictConfig:
    """Return the configuration of `neuromech train`: with the task of the experiment's name, if there is one.

    The learner defaults to the muscles, and to the parameters for an evolution.
    """
    chosen = {o.key_or_group: str(o.value()) for o in _single(overrides)}
    name = chosen.get("experiment", "")
    task = [f"task={name}"] if "task" not in chosen and name in options("task", config_dirs) else []
    config = compose([*task, *overrides], config_dirs, primary="train")
    if config.get("learner") is None:
        evolves = OmegaConf.select(config, "algorithm.kind") == "evolution"
        config["learner"] = "parameters" if evolves else "muscles"
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


class _UsersFirst(SearchPathPlugin):
    """Hydra would search the user's folders last, and could not replace a file of ours by theirs."""

    folders: ClassVar[list[Path]] = []

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        for folder in reversed(self.folders):
            search_path.prepend("neuromech", f"file://{folder}")


def _from_files(choices: list[str], searched: list[Path], primary: str) -> DictConfig:
    if not searched:
        raise InputError("no configs folder found; is NEUROMECH_CONTENT right?")
    for choice in choices:
        group, _, name = choice.partition("=")
        found = [file.stem for folder in searched for file in (folder / group).glob("*.yaml")]
        if name.strip("'\"") not in found:
            raise unknown(group, name, found)
    # Hydra logs its own warnings about files that are not its; one line on stderr is promised here.
    logging.getLogger("hydra").addHandler(logging.NullHandler())
    Plugins.instance().register(_UsersFirst)
    _UsersFirst.folders = searched
    try:
        with initialize_config_dir(str(searched[-1]), job_name="neuromech", version_base="1.3"):
            config = hydra_compose(primary, choices)
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        raise InputError(_one_line(error, searched, choices, primary)) from None
    finally:
        _UsersFirst.folders = []
    OmegaConf.set_struct(config, False)
    return config


def _one_line(error: Exception, searched: list[Path], choices: list[str], primary: str) -> str:
    """Say which of the files taking part is broken, or repeat hydra's first line."""
    files = [folder / f"{primary}.yaml" for folder in searched]
    files += [folder / f"{choice.replace('=', '/')}.yaml" for folder in searched for choice in choices]
    for file in filter(Path.is_file, files):
        try:
            content.read_yaml(file)
        except InputError as broken:
            return str(broken)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _apply(override: Override, config: DictConfig) -> None:
    key: str = override.key_or_group
    value = override.value()
    section, _, rest = key.partition(".")
    if section in content.SECTION.values():
        if not rest:
            # Another world has other keys: those that the experiment chose for the former one go with it.
            config[section] = {"name": value} if isinstance(value, str) else value
            return
    else:
        _check_exists(key, config)
    try:
        if key in PATH_KEYS and isinstance(value, str):
            value = re.sub(r"(\\*)\$\{", r"\1\1\\${", value)  # no interpolation: it is part of the name
        # A group takes new values for some of its keys; everything else is replaced.
        merge = isinstance(value, dict) and isinstance(OmegaConf.select(config, key), DictConfig)
        OmegaConf.update(config, key, value, merge=merge, force_add=True)
    except (OmegaConfBaseException, TypeError, ValueError) as error:
        raise InputError(f"cannot set {override.input_line}: {str(error).splitlines()[0]}") from None


def _check_exists(key: str, config: DictConfig) -> None:
    node: Any = config
    for part in key.replace("[", ".").replace("]", "").split("."):
        inside = isinstance(node, DictConfig) and part in node
        inside |= isinstance(node, ListConfig) and part.isdigit() and int(part) < len(node)
        if not inside:
            tree = OmegaConf.to_container(config, resolve=False)
            assert isinstance(tree, dict)
            raise unknown("key", key, content.keys({str(k): v for k, v in tree.items()}))
        node = node[int(part)] if isinstance(node, ListConfig) else node.get(part)
