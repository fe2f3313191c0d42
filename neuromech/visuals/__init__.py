"""Pictures and videos of an animal in its world; OpenGL is used where it works, and is not needed."""

from neuromech.visuals.base import Camera
from neuromech.visuals.camera import RayCamera, make_camera
from neuromech.visuals.camera_pose import View
from neuromech.visuals.ground import Ground
from neuromech.visuals.skin import TubeSkin

__all__ = ["Camera", "Ground", "RayCamera", "TubeSkin", "View", "make_camera"]
