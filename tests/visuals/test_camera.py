"""What a camera shows: the animal where it is, the field under it, the same with and without OpenGL."""

from dataclasses import replace

import mujoco
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.visuals import Camera, Ground, RayCamera, TubeSkin, View, gl, make_camera
from tests.visuals.scenes import NAMES, SKIN, chain


def field(x, y, t):
    return 25 * np.exp(-((x - 3) ** 2 + y**2) / 18) + 0 * t


@pytest.fixture
def posed():
    model = chain()
    data = mujoco.MjData(model)
    data.qpos[3::2] = 0.2
    mujoco.mj_forward(model, data)
    return model, data


def bodiness(frame):
    """How much redder than the blue-green floor each pixel is."""
    return frame[..., 0].astype(int) - frame[..., 2]


@pytest.mark.parametrize("skin", [SKIN, None])
def test_the_animal_is_where_it_should_be(posed, skin):
    model, data = posed
    camera = make_camera(
        model, "ray", 320, 240, background=Ground.of_field(lambda x, y, t: 0 * x + 1, 5), skin=skin
    )
    assert isinstance(camera, RayCamera)
    frame = camera.frame(data)
    assert frame.shape == (240, 320, 3) and frame.dtype == np.uint8 and frame.std() > 3
    spine = np.stack([data.site(name).xpos for name in NAMES])
    column, row, _ = camera.view.project(spine, 320, 240).astype(int).T
    assert (bodiness(frame)[row[1:-1], column[1:-1]] > 0).all()
    far = np.hypot(np.arange(320)[None] - column[:, None, None], np.arange(240)[:, None] - row[:, None, None])
    assert (bodiness(frame)[far.min(axis=0) > 40] < 0).all()


def test_projection_inverts_the_rays():
    view = View(lookat=(1, 2, 0.5), distance=3, azimuth=40, elevation=-35, fovy=30)
    eye, forward, right, up = view.basis(200, 100)
    for column, row in ((10.5, 20.5), (150.5, 99.5)):
        ray = forward + (2 * column / 200 - 1) * right + (1 - 2 * row / 100) * up
        assert view.project(eye + 2.7 * ray, 200, 100)[0][:2] == pytest.approx([column, row])
    assert view.project(np.array(view.lookat), 200, 100)[0] == pytest.approx([100, 50, 3])


def test_the_floor_shows_the_field(posed):
    model, data = posed
    camera = make_camera(model, "ray", 160, 120, background=Ground.of_field(field, 10), track=None)
    low, high = (camera.frame(data)[60, column].astype(int) for column in (4, 155))
    assert high[0] - high[2] > low[0] - low[2]  # viridis turns yellow towards the peak at +x
    flat = make_camera(model, "ray", 160, 120, track=None).frame(data)
    assert abs(flat[60, 4].astype(int) - flat[60, 155]).max() < 20


def test_no_heading_makes_a_white_speck_of_the_highlight(posed):
    model, data = posed
    for heading in np.deg2rad(np.arange(0, 360, 30)):
        data.qpos[:], data.qpos[2] = 0.0, heading
        mujoco.mj_forward(model, data)
        view = View(distance=0.6).at(data.site(NAMES[0]).xpos)
        frame = make_camera(model, "ray", 160, 120, skin=SKIN, view=view, track=None).frame(data)
        # The skin is 168 in blue, where it is brightest; the highlight adds 34.
        assert frame[..., 2].max() < 235


def test_the_same_state_gives_the_same_picture(posed):
    model, data = posed
    pictures = [make_camera(model, "ray", 160, 120, skin=SKIN).frame(data) for _ in range(2)]
    assert np.array_equal(pictures[0], pictures[1])


def test_active_muscles_redden_their_own_flank(posed):
    model, data = posed
    skin = TubeSkin.of(SKIN)
    left, right = skin.muscles(model)
    names = [model.actuator(i).name for i in range(model.nu)]
    assert [bool(left[:, names.index(n)].any()) for n in ("L6", "R6", "L16", "R16")] == [
        True,
        False,
        True,
        False,
    ]
    front, back = (
        int(np.argmax(left[:, names.index(n)] * (left > 0.5)[:, names.index(n)])) for n in ("L6", "L16")
    )
    assert front < 256 < back + 100 and not right[:, names.index("L6")].any()
    data.qpos[:] = 0
    mujoco.mj_forward(model, data)
    camera = make_camera(model, "ray", 320, 240, skin=skin)
    rest = camera.frame(data).astype(int)
    data.act[names.index("L6")] = data.act[names.index("L16")] = 1.0
    change = (camera.frame(data).astype(int) - rest)[..., 0] - (camera.frame(data).astype(int) - rest)[..., 1]
    column, row, _ = camera.view.project(np.stack([data.site(n).xpos for n in NAMES]), 320, 240).astype(int).T
    # The nose points to +x, so the left flank is the upper one in the picture.
    above = sum(change[r - 12 : r, c].sum() for c, r in zip(column, row, strict=True))
    below = sum(change[r + 1 : r + 13, c].sum() for c, r in zip(column, row, strict=True))
    assert above > 2 * max(below, 1)


def test_tracking_is_smooth_and_jumps_on_reset(posed):
    model, data = posed
    camera = make_camera(model, "ray", 64, 48, follow_s=1.0)
    camera.frame(data)
    start = np.array(camera.view.lookat)
    data.qpos[0] += 1.0
    data.time = 0.5
    mujoco.mj_forward(model, data)
    camera.frame(data)
    assert camera.view.lookat[0] - start[0] == pytest.approx(1 - np.exp(-0.5), abs=1e-6)
    data.time = 0.0
    camera.frame(data)
    assert camera.view.lookat[0] - start[0] == pytest.approx(1.0)


def test_coiled_and_distant_and_upside_down_views_do_not_fail(posed):
    model, data = posed
    data.qpos[3:] = 0.27  # a closed ring: nose on tail
    mujoco.mj_forward(model, data)
    for view in (
        View(elevation=-90),
        View(elevation=0, distance=0.2),
        View(elevation=60),
        View(distance=500),
    ):
        assert make_camera(model, "ray", 64, 48, view=view, skin=SKIN).frame(data).shape == (48, 64, 3)


def test_bad_cameras_are_named(posed):
    model, _ = posed
    with pytest.raises(InputError, match="unknown body 'link_x'"):
        make_camera(model, "ray", track="link_x")
    with pytest.raises(InputError, match="unknown camera"):
        make_camera(model, "opengl")
    with pytest.raises(InputError, match="pixels"):
        make_camera(model, "ray", 0, 10)
    with pytest.raises(InputError, match="unknown landmark"):
        make_camera(model, "ray", 64, 48, skin=replace(SKIN, landmarks=("nose", "tail"))).frame(
            mujoco.MjData(model)
        )
    with pytest.raises(InputError, match="elevation"):
        View(elevation=100)


def test_auto_always_gives_a_camera(posed, monkeypatch):
    model, data = posed
    gl.backend.cache_clear()
    monkeypatch.setenv("MUJOCO_GL", "disable")
    camera = make_camera(model, "auto", 64, 48)
    assert isinstance(camera, Camera) and camera.frame(data).any()
    camera.close()
    camera.close()
    with pytest.raises(InputError, match="no OpenGL works"):
        make_camera(model, "gl", 64, 48)
    gl.backend.cache_clear()


def test_a_broken_driver_is_silent(monkeypatch, capfd):
    monkeypatch.setattr(gl, "_PROBE", "import os; os.abort()")
    monkeypatch.setattr(gl.ctypes.util, "find_library", lambda name: "lib.so")
    monkeypatch.delenv("MUJOCO_GL", raising=False)
    gl.backend.cache_clear()
    assert gl.backend() is None
    assert capfd.readouterr() == ("", "")
    gl.backend.cache_clear()


def test_opengl_frames_the_animal_like_the_caster(posed):
    if gl.backend() is None:
        pytest.skip("no EGL or OSMesa works on this machine")
    model, data = posed
    kept = model.vis.quality.offsamples, model.vis.global_.offwidth, model.vis.global_.fovy
    pictures = []
    for prefer in ("gl", "ray"):
        camera = make_camera(
            model, prefer, 320, 240, background=Ground.of_field(lambda x, y, t: 0 * x + 1, 5), skin=SKIN
        )
        pictures.append(camera.frame(data))
        camera.close()
    assert (model.vis.quality.offsamples, model.vis.global_.offwidth, model.vis.global_.fovy) == kept
    theirs, ours = (bodiness(picture) > 0 for picture in pictures)
    assert (theirs & ours).sum() > 0.8 * (theirs | ours).sum()
