"""Give hydra the YAML files of the configuration folders, read as plain data by yaml_files.py.

Hydra opens files itself otherwise: without bounds, without a word about encodings, and with whatever
`${...}` looks up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigLoadError, ConfigResult
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import OmegaConf

from neuromech._lib import interrupts
from neuromech._lib.errors import InputError
from neuromech.specs.yaml_files import read_yaml

SCHEME = "neuromech"
"""What the address of a folder that is read here begins with."""


class PlainFiles(FileConfigSource):
    """A folder of configuration files."""

    @staticmethod
    def scheme() -> str:
        """Return what the address of such a folder begins with."""
        return SCHEME

    def load_config(self, config_path: str) -> ConfigResult:
        """Return what a file says; every file sets keys of the whole configuration."""
        interrupts.check()
        folder = Path(self.path).resolve()
        file = (folder / self._normalize_file_name(config_path)).resolve()
        if not file.is_relative_to(folder) or not file.is_file():
            raise ConfigLoadError(f"Config not found : {file}")
        tree = read_yaml(file)
        if "hydra" in tree:
            raise InputError(f"{file}: unknown key 'hydra': hydra is not configured here")
        return ConfigResult(
            provider=self.provider,
            path=f"{SCHEME}://{self.path}",
            config=OmegaConf.create(tree),
            header={"package": "_global_"},
        )


class _OursFirst(SearchPathPlugin):
    """Hydra would search the user's folders last, and could not replace a file of ours by theirs."""

    folders: ClassVar[Sequence[Path]] = []

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Put the folders before all others, the first of them first."""
        for folder in reversed(self.folders):
            search_path.prepend(SCHEME, f"{SCHEME}://{folder}")


@contextmanager
def searching(folders: Sequence[Path]) -> Iterator[None]:
    """While it lasts, hydra finds its files in these folders, the first of them first."""
    plugins = Plugins.instance()  # it registers hydra's own sources
    SourcesRegistry.instance().register(PlainFiles)
    plugins.register(_OursFirst)
    _OursFirst.folders = folders
    try:
        yield
    finally:
        _OursFirst.folders = []
