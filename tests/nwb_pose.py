"""NWB files with poses as the ndx-pose extension defines them; the part of its definition that is read here.

Definition: github.com/rly/ndx-pose, spec/ndx-pose.extensions.yaml.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np


@functools.cache
def _types() -> tuple[Any, Any]:
    """Return the classes PoseEstimation and PoseEstimationSeries."""
    import pynwb
    from pynwb.spec import (
        NWBAttributeSpec,
        NWBDatasetSpec,
        NWBGroupSpec,
        NWBNamespaceBuilder,
    )

    builder = NWBNamespaceBuilder("poses", "ndx-pose", version="0.2.0", author=["ndx-pose"], contact=["none"])
    for name in ("SpatialSeries", "NWBDataInterface"):
        builder.include_type(name, namespace="core")
    confidence = NWBDatasetSpec(
        "how sure", "float32", "confidence", quantity="?", shape=[None], dims=["num_frames"],
        attributes=[NWBAttributeSpec("definition", "how", "text", required=False)],
    )  # fmt: skip
    series = NWBGroupSpec(
        "positions", neurodata_type_def="PoseEstimationSeries", neurodata_type_inc="SpatialSeries",
        datasets=[confidence],
    )  # fmt: skip
    held = NWBGroupSpec("keypoints", neurodata_type_inc="PoseEstimationSeries", quantity="*")
    pose = NWBGroupSpec(
        "poses", neurodata_type_def="PoseEstimation", neurodata_type_inc="NWBDataInterface",
        default_name="PoseEstimation", groups=[held],
    )  # fmt: skip
    for each in (series, pose):
        builder.add_spec("ndx-pose.extensions.yaml", each)
    with tempfile.TemporaryDirectory() as folder:
        builder.export("ndx-pose.namespace.yaml", outdir=folder)
        pynwb.load_namespaces(str(Path(folder) / "ndx-pose.namespace.yaml"))
    return pynwb.get_class("PoseEstimation", "ndx-pose"), pynwb.get_class("PoseEstimationSeries", "ndx-pose")


def write(
    path: Path, series: Mapping[str, Sequence[Any]], unit: str = "pixels",
    changes: Mapping[str, Mapping[str, Any]] | None = None, container: str = "PoseEstimation",
) -> Path:  # fmt: skip
    """Write one container of keypoints.

    `series` gives (times, positions) or (times, positions, confidences) of every keypoint; instead of times
    (frame,) s, (start s, rate Hz) may be given. `changes` are arguments of one keypoint's series.
    """
    import pynwb

    pose, kind = _types()
    file = pynwb.NWBFile("a test", path.stem, datetime(2020, 1, 1, tzinfo=UTC))
    made = []
    for name, (times, positions, *sure) in series.items():
        clock: dict[str, Any] = {"timestamps": np.asarray(times, float)}
        if isinstance(times, tuple):
            clock = {"starting_time": float(times[0]), "rate": float(times[1])}
        if sure:
            clock["confidence"] = np.asarray(sure[0], np.float32)
        about = {"data": np.asarray(positions, float), "unit": unit, "reference_frame": "top left"}
        made.append(kind(name=name, **{**about, **clock, **(changes or {}).get(name, {})}))
    module = file.create_processing_module("behavior", "poses")
    module.add(pose(name=container, pose_estimation_series=made))
    with pynwb.NWBHDF5IO(str(path), "w") as io:
        io.write(file)
    return path
