"""Pictures and videos of an animal in its world; OpenGL is used where it works, and is not needed."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neuromech.visuals.base import Camera
    from neuromech.visuals.camera import RayCamera, make_camera
    from neuromech.visuals.camera_pose import View
    from neuromech.visuals.ground import Ground
    from neuromech.visuals.skin import TubeSkin

__all__ = ["Camera", "Ground", "RayCamera", "TubeSkin", "View", "make_camera"]

_HOME = {
    "Camera": "base",
    "Ground": "ground",
    "RayCamera": "camera",
    "TubeSkin": "skin",
    "View": "camera_pose",
    "make_camera": "camera",
}
"""The module in which each name is defined; a report, which films nothing, needs none of them."""


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'neuromech.visuals' has no attribute {name!r}")
    return getattr(import_module(f"neuromech.visuals.{_HOME[name]}"), name)
