"""Media without forces on the body: `air`, in which it has weight, and `none`, in which it has not."""

from neuromech._lib.kernels import Call
from neuromech.specs.values import NotNegative
from neuromech.world.body import Body


class Air:
    """A medium that adds no force; MuJoCo itself adds the body's weight."""

    def apply(self) -> None:
        """Add no force."""

    def compiled(self) -> tuple[Call, ...]:
        """Return nothing to call."""
        return ()


def build(body: Body, *, gravity_mm_s2: NotNegative = 9810.0) -> Air:
    """Build a medium in which a body has its weight and nothing else (`law: air`); gravity points down."""
    body.model.opt.gravity[:] = 0.0, 0.0, -float(gravity_mm_s2)
    return Air()


def nothing(body: Body) -> Air:
    """Build a medium in which a body has not even weight (`law: none`)."""
    return build(body, gravity_mm_s2=0.0)
