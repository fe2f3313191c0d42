import mujoco
import pytest

from neuromech._lib.errors import InputError
from neuromech.visuals import make_camera
from neuromech.visuals import window as viewer
from tests.visuals.scenes import chain


def test_without_a_display_there_is_one_clear_error(monkeypatch):
    monkeypatch.setattr(viewer.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    model = chain()
    with pytest.raises(InputError, match="needs a display.*rgb_array"):
        viewer.open_window(model, mujoco.MjData(model), make_camera(model, "ray", 64, 48))


def test_a_display_that_does_not_answer_is_the_same_error(monkeypatch):
    monkeypatch.setattr(viewer.sys, "platform", "linux")
    monkeypatch.setattr(viewer, "MujocoViewer", _broken)
    monkeypatch.setattr(viewer, "_interactive", lambda: False)
    monkeypatch.setenv("DISPLAY", ":77")
    model = chain()
    with pytest.raises(InputError, match="needs a display"):
        viewer.open_window(model, mujoco.MjData(model), make_camera(model, "ray", 64, 48))


def test_the_matplotlib_window_shows_frames():
    import matplotlib

    matplotlib.use("agg")
    model = chain()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    window = viewer.FigureViewer(make_camera(model, "ray", 64, 48))
    assert window.show(data) and window.show(data)
    window.close()
    assert not window.show(data)
    window.close()


def _broken(*_):
    raise RuntimeError("could not open the display")
