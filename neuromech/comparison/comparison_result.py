"""A simulation compared with recordings of the animal, from Python: `neuromech.compare`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from neuromech._lib.errors import InputError
from neuromech._lib.files import as_path
from neuromech._lib.numbers import number
from neuromech.comparison import compare as comparing
from neuromech.comparison import page, table
from neuromech.comparison.compare import Comparison
from neuromech.experiment.result import Result
from neuromech.specs import datasets
from neuromech.tracking.recordings import reader_options


@dataclass(frozen=True)
class ComparisonResult:
    """The result of a comparison; a notebook shows it as a page."""

    found: Comparison

    @property
    def score(self) -> float | None:
        """The similarity, 0 to 1; None where `found.why_no_score` says why it may not be shown."""
        return None if self.found.why_no_score else self.found.similarity.score

    @property
    def floors(self) -> dict[str, float]:
        """The scores of the baselines: shuffled wiring, random muscles."""
        return {name: each.score for name, each in self.found.floors.items()}

    @property
    def ceiling(self) -> float | None:
        """The score of the animal's first half against its second; None where it is too short for that."""
        return self.found.ceiling

    @property
    def features(self) -> pd.DataFrame:
        """A table with a row per feature: medians, distances and similarities, those of the baselines too."""
        head, *rows = table.rows(self.found)
        return pd.DataFrame(rows, columns=head).set_index("feature")

    def write(self, folder: Path | str) -> list[Path]:
        """Write comparison.json and comparison.html into a folder; returns their paths."""
        return page.write(self.found, Path(folder).expanduser())

    def _repr_html_(self) -> str:
        return page.page(self.found)

    def __str__(self) -> str:
        return table.plain(self.found)


def compare(
    simulated: Result | Path | str,
    animal: Path | str | xr.Dataset | Sequence[Path | str | xr.Dataset],
    *,
    format: str | None = None,
    skip_s: float = 0.0,
    progress: bool = False,
    config_dirs: Sequence[Path | str] = (),
    **options: Any,
) -> ComparisonResult:
    """Hold a simulation against recordings of the animal, between its floors and its ceiling.

    Parameters
    ----------
    simulated : what `run` returned, its folder, or one recording. The controls (wiring shuffled, random
        muscles) are run with the same settings unless they are in the folder already.
    animal : a file, what `read` gave for one, or a name of `neuromech data list`; or several of these.
    format, options : about the animal's files, as for `read`.
    skip_s : this long a beginning of every simulated episode is left out, s.
    progress : whether to show progress bars.
    config_dirs : where the run's own content is, if it was made of somebody's own.

    Raises
    ------
    InputError
        Something in the files, or in what was said about them, is wrong or missing; says what.
    """
    folder = simulated.folder if isinstance(simulated, Result) else as_path("simulated", simulated)
    if not folder.exists():
        raise InputError(f"simulated: there is no folder or file {folder}")
    skip_s = number("skip_s", skip_s, least=0.0)
    folders = [Path(each).expanduser() for each in config_dirs]
    if isinstance(simulated, Result):
        folders += simulated.config_dirs
    if folder.is_dir() and "body_length_mm" not in options and (folder / "config.yaml").is_file():
        options["body_length_mm"] = Result(folder, tuple(folders)).settings.body.length_mm
    several = [animal] if isinstance(animal, str | Path | xr.Dataset) else list(animal)
    files = [each if isinstance(each, xr.Dataset) else datasets.locate(str(each)) for each in several]
    about = reader_options(options)
    found = comparing.compare(folder, files, about, format, skip_s, progress, folders)
    return ComparisonResult(found)
