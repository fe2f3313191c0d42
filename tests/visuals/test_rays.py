"""Rays against solids: the closed forms, and MuJoCo's own ray caster as an independent judge."""

import mujoco
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.visuals.geometry import (
    BOX,
    CAPSULE,
    CYLINDER,
    ELLIPSOID,
    FAR,
    PLANE,
    SPHERE,
    normal,
    ray_solid,
)
from neuromech.visuals.raycast import Solids, cast
from neuromech.visuals.tube import closest
from tests.visuals.scenes import chain

KINDS = [SPHERE, CAPSULE, ELLIPSOID, CYLINDER, BOX, PLANE]
coordinate = st.floats(-3, 3)
point = st.tuples(coordinate, coordinate, coordinate)
length = st.floats(0.05, 2.0)


@pytest.mark.parametrize(
    ("kind", "size", "origin", "direction", "distance"),
    [
        (SPHERE, (1, 0, 0), (-3, 0, 0), (1, 0, 0), 2.0),
        (SPHERE, (1, 0, 0), (-3, 0.6, 0), (1, 0, 0), 3 - 0.8),
        (SPHERE, (1, 0, 0), (-3, 1.01, 0), (1, 0, 0), FAR),
        (SPHERE, (1, 0, 0), (0, 0, 0), (0, 2, 0), 0.5),  # from inside; distances count directions
        (CAPSULE, (0.04, 0.5, 0), (-1, 0, 0.5), (1, 0, 0), 0.96),
        (CAPSULE, (0.04, 0.5, 0), (0, 0, 2), (0, 0, -1), 1.46),
        (CAPSULE, (0.5, 1, 0), (-2, 0, 1.3), (1, 0, 0), 2 - 0.4),
        (CYLINDER, (0.5, 1, 0), (0.2, 0, 3), (0, 0, -1), 2.0),
        (CYLINDER, (0.5, 1, 0), (-2, 0, 1.3), (1, 0, 0), FAR),
        (ELLIPSOID, (1, 2, 3), (0, 0, 5), (0, 0, -1), 2.0),
        (BOX, (1, 2, 3), (-4, 1.9, 2.9), (1, 0, 0), 3.0),
        (BOX, (1, 2, 3), (-4, 2.1, 0), (1, 0, 0), FAR),
        (PLANE, (0, 0, 1), (7, 8, 2), (0, 0, -1), 2.0),
        (PLANE, (1, 1, 1), (1.5, 0, 2), (0, 0, -1), FAR),
        (PLANE, (0, 0, 1), (0, 0, -2), (0, 0, 1), FAR),  # the back of a floor is not there
    ],
)
def test_analytic_distances(kind, size, origin, direction, distance):
    found = ray_solid(kind, np.array(size, float), *map(float, origin), *map(float, direction))
    assert found == pytest.approx(distance)


@settings(max_examples=400)
@given(st.sampled_from(KINDS), st.tuples(length, length, length), point, point)
def test_rays_agree_with_mujoco(kind, size, origin, direction):
    assume(np.linalg.norm(direction) > 0.1)
    ours = ray_solid(kind, np.array(size), *origin, *direction)
    theirs, wider, narrower = (
        _mujoco(kind, np.array(size) * grow, origin, direction) for grow in (1, 1 + 1e-6, 1 - 1e-6)
    )
    # Whether a ray that only grazes counts, or one that starts on the surface, is a matter of rounding.
    assume((wider < 0) == (narrower < 0) and abs(wider - narrower) < 1e-3)
    if theirs < 0:
        assert ours == FAR
    else:
        assert ours == pytest.approx(theirs, rel=1e-5, abs=1e-5)


def _mujoco(kind, size, origin, direction):
    eye = np.eye(3).ravel()
    return mujoco.mju_rayGeom(np.zeros(3), eye, size, np.array(origin), np.array(direction), kind)


@pytest.mark.parametrize("kind", [CAPSULE, CYLINDER])
def test_no_ray_slips_through_where_two_parts_of_a_solid_meet(kind):
    size = np.array([0.05, 0.05, 1.0])
    for angle in np.linspace(0, 6, 100):  # all of them aim at the seam
        direction = np.array([np.cos(angle), np.sin(angle), 1.0])
        assert ray_solid(kind, size, *(-10 * direction), *direction) == pytest.approx(10 - 0.05)


@settings(max_examples=200)
@given(st.sampled_from([SPHERE, CAPSULE, ELLIPSOID]), st.tuples(length, length, length), point)
def test_normals_are_unit_and_face_the_ray_that_comes_from_outside(kind, size, direction):
    direction = np.array(direction)
    assume(np.linalg.norm(direction) > 0.1)
    size, origin = np.array(size), -20 * direction / np.linalg.norm(direction)
    t = ray_solid(kind, size, *origin, *direction)
    assert t < FAR  # every solid holds its own centre
    found = np.array(normal(kind, size, *(origin + t * direction)))
    assert np.linalg.norm(found) == pytest.approx(1)
    assert found @ direction < 1e-6


@pytest.mark.parametrize("kind", [BOX, CYLINDER])
def test_normals_of_faces(kind):
    size = np.array([0.5, 1.0, 2.0])
    for axis, place in enumerate(np.diag(size if kind == BOX else [0.5, 0.5, 1.0])):
        for sign in (-1.0, 1.0):
            expected = sign * np.eye(3)[axis]
            x, y, z = (sign * float(value) for value in place)
            assert normal(kind, size, x, y, z) == pytest.approx(tuple(expected))


def test_scene_agrees_with_mujoco():
    model = chain()
    data = mujoco.MjData(model)
    rng = np.random.default_rng(0)
    data.qpos[2:] = rng.uniform(-0.3, 0.3, model.nq - 2)
    mujoco.mj_forward(model, data)
    solids = Solids.of(model)
    solids.update(data)
    origins = rng.uniform([-1, -1, 0.1], [1, 1, 1], (500, 3))
    aims = data.geom_xpos[rng.integers(1, model.ngeom, 500)] + rng.normal(0, 0.05, (500, 3))
    distance, index = cast(solids, origins, aims - origins)
    for n in range(500):
        geom = np.zeros(1, np.int32)
        expected = mujoco.mj_ray(model, data, origins[n], aims[n] - origins[n], None, True, -1, geom)
        assert (index[n] < 0) == (expected < 0)
        if expected >= 0:
            assert distance[n] == pytest.approx(expected, rel=1e-6)
            assert data.geom_xpos[solids.geom[index[n]]] == pytest.approx(data.geom_xpos[geom[0]], abs=0.1)


def test_a_miss_is_infinite():
    solids = Solids.of(
        mujoco.MjModel.from_xml_string('<mujoco><worldbody><geom size="1"/></worldbody></mujoco>')
    )
    distance, index = cast(solids, np.array([[0.0, 0, 5]]), np.array([[0.0, 0, 1]]))
    assert distance[0] == np.inf and index[0] == -1
    with pytest.raises(InputError, match=r"\(n, 3\)"):
        cast(solids, np.zeros((2, 3)), np.zeros((3, 3)))


@settings(max_examples=200)
@given(point, point, point, point)
def test_closest_point_is_no_farther_than_any_other(origin, direction, start, stop):
    origin, direction, start, stop = map(np.array, (origin, direction, start, stop))
    assume(np.linalg.norm(direction) > 0.1 and np.linalg.norm(stop - start) > 0.1)
    direction = direction / np.linalg.norm(direction)
    axis = (stop - start) / np.linalg.norm(stop - start)
    assume(np.linalg.norm(np.cross(direction, axis)) > 1e-3)
    ray = (float(value) for value in (*origin, *direction))
    ox, oy, oz, dx, dy, dz = ray
    s, u, gap = closest(ox, oy, oz, dx, dy, dz, start, stop)
    assert 0 <= u <= 1
    rod = start + np.linspace(0, 1, 201)[:, None] * (stop - start)
    off = rod - origin
    every = np.linalg.norm(off - np.outer(off @ direction, direction), axis=1)
    assert np.sqrt(max(gap, 0)) <= every.min() + 1e-6
    assert np.linalg.norm(origin + s * direction - start - u * (stop - start)) == pytest.approx(
        np.sqrt(gap), abs=1e-6
    )
