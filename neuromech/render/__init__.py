"""Pictures and videos of an animal in its world; no OpenGL is needed, and it is used where it helps."""

from neuromech.render.base import Camera
from neuromech.render.camera import RayCamera, make_camera
from neuromech.render.ground import Ground
from neuromech.render.skin import TubeSkin
from neuromech.render.view import View

__all__ = ["Camera", "Ground", "RayCamera", "TubeSkin", "View", "make_camera"]
