"""What the parts of a body are, as tables: the side, limb and segment of muscles, landmarks and channels.

A side is what body.yaml says under `sides`; of a part that it does not name, it follows from where the part
stands in the model as it was built, heading along +x: left of the middle, right of it, or on the midline.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

import mujoco
import numpy as np
import pandas as pd

from neuromech.world import muscle_ends
from neuromech.world.compiled_body import CompiledBody

MIDLINE_SHARE = 1e-3
"""A part lies on the midline if it is nearer to it than this share of the body's length."""
NOWHERE = -1
"""The index of the segment of a part that belongs to no segment, or to several."""
PLACE = ("x_mm", "y_mm", "z_mm")
"""Columns with the place of a part in the model as it was built: heading along +x, left is +y, up is +z."""


def muscle_table(body: CompiledBody) -> pd.DataFrame:
    """Return one row per muscle, in the order of actions; see `Body.muscle_table`."""
    places = _Places(body)
    rows = []
    for i, name in zip(body.muscle_ids.tolist(), body.muscles, strict=True):
        segment, joint, where = places.of_muscle(i)
        low, high = body.model.actuator_ctrlrange[i]
        rows.append(
            {
                "name": name,
                "side": places.side(name, where),
                "limb": places.limb(segment),
                "segment": places.name(segment),
                "joint": "" if joint < 0 else body.model.joint(joint).name,
                **_place(where),
                "unit": "1",
                "low": float(low),
                "high": float(high),
            }
        )
    columns = ["name", "side", "limb", "segment", "joint", *PLACE, "unit", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def landmark_table(body: CompiledBody) -> pd.DataFrame:
    """Return one row per recorded point; see `Body.landmark_table`."""
    places = _Places(body)
    rows = []
    for name, site in zip(body.landmarks, body.site_ids(body.landmarks), strict=True):
        segment = int(body.model.site_bodyid[site])
        where = places.data.site_xpos[site]
        side = places.side(name, where)
        rows.append((name, side, places.limb(segment), places.name(segment), *_place(where).values(), "mm"))
    return pd.DataFrame(rows, columns=["name", "side", "limb", "segment", *PLACE, "unit"])


def sense_table(body: CompiledBody) -> pd.DataFrame:
    """Return one row per channel of every sense; see `Body.sense_table`."""
    places = _Places(body)
    rows = []
    for name, sense in body.senses.items():
        kind = body.spec.senses[name].kind
        unsaid = ("",) * len(sense.channels)
        given = zip(sense.channels, sense.segments or unsaid, sense.sides or unsaid, strict=True)
        for channel, segment, said in given:
            found, where = places.of_channel(channel, segment)
            side, limb = said or places.side(channel, where), places.limb(found)
            rows.append(
                (name, channel, kind, side, limb, places.name(found), sense.unit, sense.low, sense.high)
            )
    columns = ["sense", "channel", "kind", "side", "limb", "segment", "unit", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _place(where: np.ndarray | None) -> dict[str, float]:
    """Return the place of a part by the names of its columns, NaN where it has none."""
    return dict(zip(PLACE, (np.nan,) * 3 if where is None else map(float, where), strict=True))


class _Places:
    """Where the parts of a body stand in the model as it was built."""

    def __init__(self, body: CompiledBody) -> None:
        self.body, self.model = body, body.model
        self.data = mujoco.MjData(body.model)
        mujoco.mj_forward(body.model, self.data)
        self._near = MIDLINE_SHARE * body.length_mm
        root = self.model.body_rootid[body.body_ids(body.segments.names)[0]]
        self._middle = float(self.data.xpos[root, 1])
        self._upside = -1.0 if body.spec.mirrored else 1.0
        self._limbs = self._chains()

    def name(self, segment: int) -> str:
        """Return the name of a segment, "" of none."""
        return self.model.body(segment).name if segment > 0 else ""

    def limb(self, segment: int) -> str:
        """Return the limb that a segment is part of, "" if it is none's."""
        for each in self._ancestors(segment):
            for name, chain in self._limbs.items():
                if each in chain:
                    return name
        return ""

    def side(self, name: str, where: np.ndarray | None) -> str:
        """Return the side of a part: what body.yaml says of its name, or the side on which it stands."""
        for side, patterns in self.body.spec.sides.items():
            if any(fnmatchcase(name, pattern) for pattern in patterns):
                return side
        if where is None:
            return ""
        left = self._upside * (float(where[1]) - self._middle)
        return "midline" if abs(left) <= self._near else "left" if left > 0 else "right"

    def of_muscle(self, muscle: int) -> tuple[int, int, np.ndarray | None]:
        """Return the segment that a muscle moves, the joint that it turns most, and where it stands."""
        joint = self._joint(muscle)
        kind, target = self.model.actuator_trntype[muscle], int(self.model.actuator_trnid[muscle, 0])
        transmission = mujoco.mjtTrn
        if kind == transmission.mjTRN_TENDON:
            sites = muscle_ends.of(self.model, muscle)
            if len(sites):
                segment = int(self.model.site_bodyid[sites[-1]])
                return segment, joint, self.data.site_xpos[sites].mean(axis=0)
        if kind in (transmission.mjTRN_SITE, transmission.mjTRN_SLIDERCRANK):
            return int(self.model.site_bodyid[target]), joint, self.data.site_xpos[target]
        segment = target if kind == transmission.mjTRN_BODY else NOWHERE
        if segment == NOWHERE and joint >= 0:
            segment = int(self.model.jnt_bodyid[joint])
        return segment, joint, self.data.xipos[segment] if segment > 0 else None

    def of_channel(self, channel: str, segment: str) -> tuple[int, np.ndarray | None]:
        """Return the segment of a channel and its place; a channel may also bear the name of a part."""
        if segment:
            found = int(self.body.body_ids([segment])[0])
            return found, self.data.xipos[found]
        kinds = mujoco.mjtObj
        for kind in (kinds.mjOBJ_SITE, kinds.mjOBJ_JOINT, kinds.mjOBJ_BODY):
            number = mujoco.mj_name2id(self.model, kind, channel)
            if number < 0:
                continue
            if kind == kinds.mjOBJ_SITE:
                return int(self.model.site_bodyid[number]), self.data.site_xpos[number]
            found = int(self.model.jnt_bodyid[number]) if kind == kinds.mjOBJ_JOINT else number
            return found, self.data.xipos[found]
        if channel in self.body.muscles:
            segment_of, _, where = self.of_muscle(self.body.muscles.index(channel))
            return segment_of, where
        return NOWHERE, None

    def _joint(self, muscle: int) -> int:
        """Return the joint about which a muscle has the longest lever, -1 if it turns none."""
        first, count = self.data.moment_rowadr[muscle], self.data.moment_rownnz[muscle]
        lever = np.abs(self.data.actuator_moment[first : first + count])
        if not len(lever) or lever.max() == 0:
            return NOWHERE
        dof = self.data.moment_colind[first + int(np.argmax(lever))]
        return int(self.model.dof_jntid[dof])

    def _chains(self) -> dict[str, set[int]]:
        """Return the segments of every limb: from its end up to where it joins the rest of the body."""
        limbs = self.body.spec.limbs
        sites = self.body.site_ids([limb.paw for limb in limbs.values()]) if limbs else []
        up = [self._ancestors(int(self.model.site_bodyid[site])) for site in sites]
        trunk = set(self.body.body_ids(self.body.segments.names).tolist())
        return {
            name: {
                segment
                for segment in mine
                if segment not in trunk and not any(segment in other for other in up if other is not mine)
            }
            for name, mine in zip(limbs, up, strict=True)
        }

    def _ancestors(self, segment: int) -> list[int]:
        found = []
        while segment > 0:
            found.append(segment)
            segment = int(self.model.body_parentid[segment])
        return found
