"""What a run leaves behind, opened again: metrics, recordings, report and video."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr

from neuromech import recording
from neuromech._lib.errors import InputError, unknown
from neuromech._lib.files import as_path
from neuromech.experiment.episodes import film
from neuromech.specs import compose
from neuromech.specs.run import Run

if TYPE_CHECKING:
    from neuromech.viewer.window import RecordedPage

MOST_EMBEDDED_MB = 30.0
"""A video larger than this, MB, is linked in a notebook and not embedded: notebooks keep what they show."""


@dataclass(frozen=True)
class Picture:
    """A PNG file that a notebook shows."""

    path: Path

    def _repr_png_(self) -> bytes:
        return self.path.read_bytes()


@dataclass(frozen=True)
class Film:
    """An MP4 file that a notebook shows."""

    path: Path

    def _repr_html_(self) -> str:
        if self.path.stat().st_size > MOST_EMBEDDED_MB * 1e6:
            name = html.escape(str(self.path))
            return f'<a href="{name}">{name}</a>'
        data = base64.b64encode(self.path.read_bytes()).decode()
        return f'<video controls width="720" src="data:video/mp4;base64,{data}"></video>'


@dataclass(frozen=True)
class Result:
    """The folder that a run left.

    Parameters
    ----------
    folder : the folder.
    config_dirs : where the run's own content is, if it was made of somebody's own.
    """

    folder: Path
    config_dirs: tuple[Path, ...] = ()

    @staticmethod
    def load(folder: Path | str, config_dirs: Sequence[Path | str] = ()) -> Result:
        """Open the folder of an earlier run.

        Raises
        ------
        InputError
            There is no such folder, or no run left it.
        """
        path = as_path("the folder of a run", folder)
        if not path.is_dir():
            raise InputError(f"there is no folder {path}")
        result = Result(path, tuple(Path(each) for each in config_dirs))
        _ = result.summary
        return result

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What summary.json says: seed, metrics, every episode, versions."""
        path = self.folder / "summary.json"
        try:
            summary = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise InputError(
                f"{self.folder} is not the folder of a run: it has no readable summary.json"
            ) from None
        known = isinstance(summary, dict) and isinstance(summary.get("metrics"), dict)
        if not known or not isinstance(summary.get("episodes"), list):
            raise InputError(f"{path} is not the summary of a run")
        return summary

    @cached_property
    def settings(self) -> Run:
        """The run as it was, from its config.yaml."""
        if not (self.folder / "config.yaml").is_file():
            raise InputError(f"{self.folder} has no config.yaml, which says what was run")
        return compose.load_run([], [self.folder, *self.config_dirs])

    @property
    def metrics(self) -> pd.DataFrame:
        """Metrics over all episodes: rows by name; columns mean, sd, n and unit. A gait's mean is a word."""
        rows = self.summary["metrics"]
        table = pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "sd", "n", "unit"])
        return table.rename_axis("metric")

    @property
    def episodes(self) -> pd.DataFrame:
        """Metrics of each episode: rows by seed, columns by name; empty where one could not be computed."""
        rows = {each["seed"]: each["metrics"] for each in self.summary["episodes"]}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("seed")

    @property
    def recordings(self) -> list[Path]:
        """The files of the episodes, in their order."""
        return [self.folder / str(each["recording"]) for each in self.summary["episodes"]]

    @property
    def data(self) -> xr.Dataset:
        """What was recorded, with units as attributes of its variables.

        Of several episodes each is one element of the dimension `seed`; after its end an episode is NaN.
        """
        if len(self.recordings) == 1:
            return self.episode(0)
        seeds = [each["seed"] for each in self.summary["episodes"]]
        parts = [self.episode(k) for k in range(len(seeds))]
        # Spikes are lists of different lengths, which have no common axis.
        parts = [each.drop_dims("spike", errors="ignore") for each in parts]
        return xr.concat(parts, pd.Index(seeds, name="seed"), join="outer", combine_attrs="drop_conflicts",
                         data_vars="all", coords="minimal", compat="override")  # fmt: skip

    def episode(self, number: int = 0) -> xr.Dataset:
        """Return the recording of one episode, counted from 0.

        Raises
        ------
        InputError
            There are not so many, or its file is missing or damaged.
        """
        files = self.recordings
        if isinstance(number, bool) or number not in range(len(files)):
            raise unknown("episode", str(number), [str(k) for k in range(len(files))])
        return recording.load(files[number])

    def report(self) -> Picture:
        """Return the report of the first episode, which a notebook shows as a picture."""
        path = self.folder / "report.png"
        if not path.is_file():
            raise InputError(f"{self.folder} has no report.png: the run was not finished")
        return Picture(path)

    def video(self, episode: int = 0, size: tuple[int, int] | None = None, progress: bool = False) -> Film:
        """Return the video of an episode, which a notebook plays; it is made now unless it is there.

        Parameters
        ----------
        episode : its number, from 0.
        size : width and height in pixels, 1280 x 720 unless said; another size is made anew.
        progress : whether to show a progress bar.

        Raises
        ------
        InputError
            There is no such episode.
        """
        files = self.recordings
        if isinstance(episode, bool) or episode not in range(len(files)):
            raise unknown("episode", str(episode), [str(k) for k in range(len(files))])
        path = self.folder / ("video.mp4" if episode == 0 else f"video_{episode:03d}.mp4")
        if size is not None or not path.is_file():
            film(self.settings, files[episode], path, progress, size)
        return Film(path)

    def view(self, episode: int = 0) -> RecordedPage:
        """Return a page on which an episode is played, with body, brain and world; a notebook shows it.

        It needs no server and nothing from a network; its method `save` writes it to a file.

        Parameters
        ----------
        episode : its number, from 0.

        Raises
        ------
        InputError
            There is no such episode, or its file is damaged.
        """
        from neuromech.viewer import recorded  # late: few who look at a result make its page
        from neuromech.viewer.window import RecordedPage

        return RecordedPage(recorded.page(self.settings, self.episode(episode)), self.settings.experiment)

    def _repr_html_(self) -> str:
        """Show a notebook the metrics, the report and, if it was made, the video."""
        name = html.escape(str(self.summary.get("experiment")))
        parts = [f"<p><b>{name}</b> in {html.escape(str(self.folder))}</p>"]
        parts.append(self.metrics.to_html(float_format=lambda value: f"{value:.3g}", na_rep=""))
        if (self.folder / "report.png").is_file():
            data = base64.b64encode((self.folder / "report.png").read_bytes()).decode()
            parts.append(f'<img width="720" alt="report" src="data:image/png;base64,{data}">')
        if (self.folder / "video.mp4").is_file():
            parts.append(Film(self.folder / "video.mp4")._repr_html_())
        return "\n".join(parts)
