"""A tether: the part of the body that carries its root is held where it was put, and the rest hangs free."""

from neuromech.world.body import Body

TIMES_HEAVIER = 1e9
"""The inertia that a tether adds to every joint of the root, in masses of the animal (mg, or mg mm² where the
joint turns): under some body weights of force the root then moves by less than 0.01 mm in ten seconds."""


def hold(body: Body) -> None:
    """Make the joints of a body's root so inert that neither gravity nor limbs move it.

    The joints stay in the model, so that recordings, senses and cameras find them where they always do, and
    the body stays where the start of an episode puts it.
    """
    model = body.model
    root = int(model.body_rootid[body.body_ids(body.segments.names)[0]])
    first, count = int(model.body_dofadr[root]), int(model.body_dofnum[root])
    model.dof_armature[first : first + count] = TIMES_HEAVIER * float(model.body_subtreemass[root])
