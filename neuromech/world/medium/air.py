"""Air, which is too thin for a body to feel, and nothing at all: only gravity is left, or not even that."""

from neuromech._lib.kernels import Call
from neuromech.specs.values import NotNegative
from neuromech.world.body import Body


class Air:
    """A medium that a body does not feel: at most its own weight is left, and the engine sees to that."""

    def apply(self) -> None:
        """Add nothing."""

    def compiled(self) -> tuple[Call, ...]:
        """Return nothing to call."""
        return ()


def build(body: Body, *, gravity_mm_s2: NotNegative = 9810.0) -> Air:
    """Let a body feel its weight and nothing else (`law: air`); gravity points down."""
    body.model.opt.gravity[:] = 0.0, 0.0, -float(gravity_mm_s2)
    return Air()


def nothing(body: Body) -> Air:
    """Let a body feel nothing, not even its weight (`law: none`)."""
    return build(body, gravity_mm_s2=0.0)
