"""Compare a simulation with recordings of the animal, between its floors and its ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neuromech import recording
from neuromech._lib.errors import InputError
from neuromech.comparison import baselines
from neuromech.tracking.io import recorded
from neuromech.tracking.io.base import LEAST_FRAMES, ReaderOptions
from neuromech.tracking.kinematics import legs
from neuromech.tracking.similarity import score
from neuromech.tracking.similarity.features import Behaviour, FeatureSet, feature_set_of
from neuromech.tracking.similarity.score import DYNAMICS, FeatureComparison, SimilarityScore


@dataclass(frozen=True)
class Comparison:
    """The result of a comparison and what it was made from.

    simulation, animals: where they came from. floors: the score of each baseline by name. ceiling: the score
    of the animal's first half against its second. why_no_score: empty, or why the score may not be shown.
    notes: warnings. feature_set: the features that were compared. What the recordings show is kept for the
    figures: that of the simulation in `simulated`, of the animal in `recorded`, of each floor in
    `floor_behaviours`.
    """

    simulation: str
    animals: tuple[str, ...]
    similarity: SimilarityScore
    floors: dict[str, SimilarityScore]
    ceiling: float | None
    why_no_score: str
    notes: tuple[str, ...]
    feature_set: FeatureSet
    simulated: list[Behaviour]
    recorded: list[Behaviour]
    floor_behaviours: dict[str, list[Behaviour]]

    @property
    def share(self) -> float | None:
        """Place of the score between the higher floor (0) and the ceiling (1); None without such a range."""
        if self.why_no_score or self.ceiling is None:
            return None
        floor = max((each.score for each in self.floors.values()), default=0.0)
        return (self.similarity.score - floor) / (self.ceiling - floor) if self.ceiling > floor else None


def compare(
    simulation: Path, animals: Sequence[Path | xr.Dataset], given: ReaderOptions, name: str | None = None,
    skip_s: float = 0.0, progress: bool = True, config_dirs: Sequence[Path] = (),
) -> Comparison:  # fmt: skip
    """Compare a folder that `neuromech run` made (or one recording) with recordings of the animal.

    Recordings of animals are files, or what `recorded.read` gave for one.

    `name` is the animals' format where the files do not show it; the first `skip_s` of every simulated
    episode, controls included, are left out. Runs the controls that are not there yet; `config_dirs` are
    where the run's own content is.

    Raises
    ------
    InputError
        Something in the files or in what the user says about them is wrong or missing.
    """
    run = baselines.base(simulation, config_dirs) if simulation.is_dir() else None
    files = baselines.episodes(simulation) if simulation.is_dir() else [simulation]
    simulated = [_simulated(file, skip_s) for file in files]
    tracker = str(simulated[0].attrs.get("tracker", ""))
    held = [
        each.assign_attrs(tracker=each.attrs.get("tracker") or tracker)
        if isinstance(each, xr.Dataset)
        else recorded.read(each, given, name, tracker)
        for each in animals
    ]
    files_of_animals = [
        str(each.encoding.get("source", "recording")) if isinstance(each, xr.Dataset) else str(each)
        for each in animals
    ]
    notes = [note for each in held for note in recorded.notes(each)]
    for path, each in zip(files_of_animals, held, strict=True):
        if each.attrs["tracker"] != tracker:
            raise InputError(
                f"{path} is for the tracker '{each.attrs['tracker']}', the simulation for '{tracker}': are "
                "they the same animal?"
            )
    # The simulation is compared by no more than what the animal's recording can show.
    own = tracker == "gait" and any(each.attrs.get("frame") == "egocentric" for each in held)
    simulated = [legs.from_the_animal(each) for each in simulated] if own else simulated
    feature_set = feature_set_of(simulated[0], held)
    if any("posture_given" in each.attrs for each in simulated):
        feature_set = feature_set.without_posture()
        held = [_same_excerpts(each, simulated) for each in held]
        notes.append("the posture was given to the simulation: only where it got by it is compared")
    animal = [feature_set.extract(each) for each in held]
    behaviours = [feature_set.extract(each) for each in simulated]
    found = score.compare(behaviours, animal, feature_set)
    floor_behaviours, why = {}, ""
    if run is None:
        why = f"{simulation.name} has no config.yaml, so its controls cannot be run"
    else:
        for key, floor in baselines.floors(run, simulation).items():
            made = [_simulated(file, skip_s) for file in baselines.recordings(floor, progress)]
            made = [legs.from_the_animal(each) for each in made] if own else made
            floor_behaviours[key] = [feature_set.extract(each) for each in made]
        if not floor_behaviours:
            why = "this is a control itself: there is no floor below it"
    best = ceiling(held, feature_set)
    if best is None:
        why = why or "the animal's recording is too short to be held against itself"
    return Comparison(
        simulation=str(simulation),
        animals=tuple(files_of_animals),
        similarity=found,
        floors={
            key: score.compare(each, animal, feature_set, False) for key, each in floor_behaviours.items()
        },
        ceiling=best,
        why_no_score=why,
        notes=tuple(dict.fromkeys(notes)),
        feature_set=feature_set,
        simulated=behaviours,
        recorded=animal,
        floor_behaviours=floor_behaviours,
    )


def _same_excerpts(each: xr.Dataset, simulated: Sequence[xr.Dataset]) -> xr.Dataset:
    """Return the excerpts that were replayed, where the animal's recording is made of excerpts."""
    if "excerpt" not in each.coords:
        return each
    replayed = np.concatenate([one["excerpt"].values for one in simulated if "excerpt" in one.coords])
    return each.isel(time=np.isin(each["excerpt"].values, replayed))


def _simulated(file: Path, skip_s: float) -> xr.Dataset:
    found = recorded.read(file) if file.suffix != ".nc" else recording.load(file)
    if skip_s and "time" in found:
        found = found.sel(time=slice(float(found["time"][0]) + skip_s, None))
    if "time" in found.dims and found.sizes["time"] < LEAST_FRAMES:
        raise InputError(f"{file} has {found.sizes['time']} samples; at least {LEAST_FRAMES} are needed")
    return found


def ceiling(held: Sequence[xr.Dataset], feature_set: FeatureSet) -> float | None:
    """Return the mean score of each half of the animal's recordings against the other.

    None where one half shows nothing that can be compared.
    """
    first, second = ([feature_set.extract(each) for each in half] for half in baselines.halves(held))
    scores = []
    for one, other in ((first, second), (second, first)):
        try:
            scores.append(score.compare(one, other, feature_set, intervals=False).score)
        except InputError:  # one half shows nothing that can be compared
            return None
    return float(np.mean(scores))


def as_json(found: Comparison) -> dict[str, Any]:
    """Return the numbers of a comparison, without the samples; the score only with its floor and ceiling."""
    shown = not found.why_no_score
    return {
        "simulation": found.simulation,
        "animal": list(found.animals),
        "episodes": {"simulated": len(found.simulated), "animal": len(found.recorded)},
        "score": found.similarity.score if shown else None,
        "score_interval_95": _pair(found.similarity.interval) if shown else None,
        "floors": {name: each.score for name, each in found.floors.items()},
        "ceiling": found.ceiling,
        "share_of_the_way": found.share,
        "why_no_score": found.why_no_score or None,
        "definition": " ".join((score.__doc__ or "").split()),
        "features": {
            each.name: _feature(each)
            | {
                "similarity_of_floors": {
                    name: _similarity(floor, each.name) for name, floor in found.floors.items()
                }
            }
            for each in found.similarity.features
        },
        "dynamics": {
            name: {
                "label": DYNAMICS[name],
                "similarity": similarity,
                "similarity_of_floors": {
                    key: floor.dynamics.get(name) for key, floor in found.floors.items()
                },
            }
            for name, similarity in found.similarity.dynamics.items()
        },
        "not_in_the_animals_recording": {
            name: found.feature_set.features[name].needs for name in found.similarity.unseen
        },
        "notes": list(found.notes),
    }


def _feature(each: FeatureComparison) -> dict[str, Any]:
    return {
        "label": each.label,
        "unit": each.unit,
        "animal": _summary(each.animal),
        "simulated": _summary(each.simulated),
        "distance_in_spreads": each.distance,
        "distance_interval_95": _pair(each.interval),
        "kolmogorov_smirnov": each.ks,
        "percentile_of_simulated_median": each.percentile,
        "similarity": each.similarity,
    }


def _summary(values: np.ndarray) -> dict[str, float | int | None]:
    cuts = np.percentile(values, [5, 50, 95]) if len(values) else [None] * 3
    low, median, high = (None if value is None else float(value) for value in cuts)
    return {"median": median, "p05": low, "p95": high, "n": len(values)}


def _similarity(floor: SimilarityScore, name: str) -> float | None:
    return next((each.similarity for each in floor.features if each.name == name), None)


def _pair(interval: tuple[float, float] | None) -> list[float] | None:
    return None if interval is None else list(interval)
