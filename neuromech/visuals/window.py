"""A window for `render_mode="human"`: MuJoCo's own viewer, or matplotlib's where that does not open."""

from __future__ import annotations

import contextlib
import os
import sys
from abc import ABC, abstractmethod
from typing import Any

import mujoco

from neuromech._lib.errors import InputError
from neuromech.visuals.base import Camera


class Viewer(ABC):
    """An open window onto a simulation; `show` after each step, `close` at the end."""

    @abstractmethod
    def show(self, data: mujoco.MjData) -> bool:
        """Bring the window up to date; False once the user has closed it."""

    @abstractmethod
    def close(self) -> None:
        """Close the window; it may be called twice."""


class MujocoViewer(Viewer):
    """MuJoCo's interactive viewer, in its passive form: the simulation keeps the clock."""

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData) -> None:
        import mujoco.viewer  # late: it starts GLFW

        self._data = data
        self._handle = mujoco.viewer.launch_passive(model, data, show_left_ui=False, show_right_ui=False)

    def show(self, data: mujoco.MjData) -> bool:
        """Draw the state of the data the viewer was opened with."""
        if data is not self._data:
            raise InputError("the viewer shows the data it was opened with; open a new one")
        if not self._handle.is_running():
            return False
        self._handle.sync()
        return True

    def close(self) -> None:
        """Close the window."""
        self._handle.close()


class FigureViewer(Viewer):
    """A matplotlib window with a camera's frames: it needs a display but no OpenGL."""

    def __init__(self, camera: Camera) -> None:
        from matplotlib import pyplot  # late: choosing a backend needs the display

        self._camera, self._pyplot = camera, pyplot
        self._figure = pyplot.figure("neuromech", figsize=(camera.width / 100, camera.height / 100), dpi=100)
        self._picture: Any = None

    def show(self, data: mujoco.MjData) -> bool:
        """Draw the camera's frame of `data`."""
        if not self._pyplot.fignum_exists(self._figure.number):  # type: ignore[attr-defined]
            return False
        frame = self._camera.frame(data)
        if self._picture is None:
            axes = self._figure.add_axes((0.0, 0.0, 1.0, 1.0))
            axes.set_axis_off()
            self._picture = axes.imshow(frame)
            self._figure.show()
        else:
            self._picture.set_data(frame)
        self._figure.canvas.draw_idle()
        self._figure.canvas.flush_events()
        return True

    def close(self) -> None:
        """Close the window."""
        self._pyplot.close(self._figure)


def open_window(model: mujoco.MjModel, data: mujoco.MjData, camera: Camera) -> Viewer:
    """Open the best window this machine has; one clear InputError where it has none."""
    if has_display():
        # GLFW and GUI toolkits fail in their own ways on half-configured displays; the next one may work.
        if os.environ.get("MUJOCO_GL", "").lower() not in ("disable", "disabled", "off", "false", "0"):
            with contextlib.suppress(Exception):
                return MujocoViewer(model, data)
        with contextlib.suppress(Exception):
            if _interactive():
                return FigureViewer(camera)
    raise InputError(
        "render_mode='human' needs a display; on this machine use render_mode='rgb_array' or record a video"
    )


def has_display() -> bool:
    """Return whether windows can be opened at all."""
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def _interactive() -> bool:
    import matplotlib
    from matplotlib import pyplot
    from matplotlib.backends.registry import BackendFilter, backend_registry

    pyplot.figure().canvas.draw_idle()  # resolves an automatic backend
    pyplot.close()
    windows = {name.lower() for name in backend_registry.list_builtin(BackendFilter.INTERACTIVE)}
    return matplotlib.get_backend().lower() in windows
