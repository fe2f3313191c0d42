"""What of a computation depends on some of its inputs alone, so that it can be done once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal, Var, jaxpr_as_fun
from jaxtyping import Array

VIEWS = frozenset({"broadcast_in_dim", "reshape", "squeeze", "slice", "transpose", "iota"})
"""Operations that only lay numbers out anew. They are done again where their result is needed: the compiler
makes them part of what follows, and their results may be much larger than what they are made of."""
Fixed = Sequence[jax.ShapeDtypeStruct]


def divided(
    function: Callable[..., Any], fixed: Fixed, *moving: Any
) -> tuple[Callable[[Sequence[Array]], list[Array]], Callable[..., Any]]:
    """Divide `function(fixed, *moving)` into what follows from `fixed` alone, and the rest.

    Returns two functions: `after(before(fixed), *moving)` is `function(fixed, *moving)`.
    What neither needs is in neither. Operations with side effects stay in the rest, and so does a function
    that JAX compiled by itself if one of its arguments moves.

    Parameters
    ----------
    function : a function of a list of arrays and of trees of arrays.
    fixed, moving : what its arguments look like.
    """
    closed, shown = jax.make_jaxpr(function, return_shape=True)(list(fixed), *moving)
    jaxpr, structure = closed.jaxpr, jax.tree.structure(shown)
    inputs, others = jaxpr.invars[: len(fixed)], jaxpr.invars[len(fixed) :]
    constants = dict(zip(jaxpr.constvars, closed.consts, strict=True))
    known = {*inputs, *constants}
    equations, outputs = _merged(jaxpr, known)
    needed, left = set(_variables(outputs)), list[JaxprEqn]()
    for each in reversed(equations):
        again = each.primitive.name in VIEWS and not needed.isdisjoint(each.outvars)
        if again or not known.issuperset(each.outvars):
            left.insert(0, each)
            needed.update(_variables(each.invars))
    made_again = {at for each in left for at in each.outvars}
    first = [each for each in equations if known.issuperset(each.outvars)]
    defined = [*inputs, *constants, *(at for each in first for at in each.outvars)]
    handed_over = [at for at in defined if at in needed and at not in made_again]

    def part(inputs: Sequence[Var], outputs: Sequence[Any], equations: Sequence[JaxprEqn]) -> ClosedJaxpr:
        effects = set().union(*(each.effects for each in equations))
        names = [each for each in constants if each not in inputs]
        values = [constants[each] for each in names]
        return ClosedJaxpr(Jaxpr(names, inputs, outputs, equations, effects), values)

    before = jaxpr_as_fun(part(inputs, handed_over, first))
    after = jaxpr_as_fun(part([*handed_over, *others], outputs, left))
    return (
        lambda given: before(*given),
        lambda given, *rest: jax.tree.unflatten(structure, after(*given, *jax.tree.leaves(rest))),
    )


def _merged(jaxpr: Jaxpr, known: set[Var]) -> tuple[list[JaxprEqn], list[Any]]:
    """Return equations and outputs; what follows from `known` alone joins it, and is computed once only."""
    found, same, equations = dict[Any, Sequence[Var]](), dict[Any, Var](), list[JaxprEqn]()

    def renamed(atoms: Sequence[Any]) -> list[Any]:
        return [at if isinstance(at, Literal) else same.get(at, at) for at in atoms]

    for written in jaxpr.eqns:
        each = written.replace(invars=renamed(written.invars))
        if not each.effects and known.issuperset(_variables(each.invars)):
            given = [str(at) if isinstance(at, Literal) else at for at in each.invars]
            earlier = found.setdefault((each.primitive, str(each.params), *given), each.outvars)
            if earlier is not each.outvars:
                same.update(zip(each.outvars, earlier, strict=True))
                continue
            known.update(each.outvars)
        equations.append(each)
    return equations, renamed(jaxpr.outvars)


def _variables(atoms: Sequence[Any]) -> list[Var]:
    return [each for each in atoms if not isinstance(each, Literal)]
