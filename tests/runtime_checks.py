"""The type checker that conftest puts on every function of neuromech."""

import builtins
import contextlib
import inspect
import re
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, get_args

import jaxtyping
from beartype import BeartypeConf, beartype
from beartype.roar import BeartypeDecorHintException

# A whole number is a good float, as it is for every static checker.
check = beartype(conf=BeartypeConf(is_pep484_tower=True))

_with_shapes = jaxtyping.jaxtyped


def install() -> None:
    """Check every function of neuromech, from now on, wherever it is imported.

    jaxtyping binds the arguments of each call anew and checks them twice, so that it can compare the sizes of
    axes. A function none of whose annotations has a shape goes to beartype alone, which is ten times as fast.
    """
    jaxtyping.jaxtyped = _jaxtyped
    jaxtyping.install_import_hook("neuromech", "tests.runtime_checks.check")


def _jaxtyped(item: Any = None, *, typechecker: Any) -> Any:
    if item is None:
        return lambda each: _jaxtyped(each, typechecker=typechecker)
    if isinstance(item, classmethod | staticmethod):
        return type(item)(_jaxtyped(item.__func__, typechecker=typechecker))
    if isinstance(item, FunctionType) and _is_plain(item):
        # An annotation that is for static checkers only, such as `tqdm[Any]`: jaxtyping passes over it.
        with contextlib.suppress(BeartypeDecorHintException):
            return check(item)
    return _with_shapes(item, typechecker=typechecker)


def _is_plain(function: FunctionType) -> bool:
    """Whether no annotation has a shape, or a name that the module lacks while it runs."""
    names = vars(builtins) | function.__globals__
    for annotation in function.__annotations__.values():
        written = isinstance(annotation, str)
        words = re.findall(r"[^\W\d][\w.]*", annotation) if written else ()
        meant = [_found(word, names) for word in words] if written else [annotation]
        if any(map(_has_shape, meant)):
            return False
    return True


def _found(dotted: str, names: Mapping[str, Any]) -> Any:
    """What a dotted name means; one of jaxtyping's arrays where it means nothing yet."""
    first, *rest = dotted.split(".")
    found = names.get(first, jaxtyping.AbstractArray)
    for part in rest:
        found = getattr(found, part, jaxtyping.AbstractArray)
    return found


def _has_shape(item: Any) -> bool:
    if getattr(item, "__module__", "").startswith("jaxtyping"):
        return True
    return any(_has_shape(each) for each in get_args(item))


def spare_kernels() -> None:
    """Hand numba the functions as they were written: it cannot compile one that the checker has wrapped."""
    import numba

    for name in ("njit", "vectorize", "cfunc"):
        setattr(numba, name, _of_the_source(getattr(numba, name)))


def _of_the_source(decorator: Any) -> Callable[..., Any]:
    def decorate(*args: Any, **options: Any) -> Any:
        if args and inspect.isroutine(args[0]):
            return decorator(inspect.unwrap(args[0]), **options)
        compiler: Callable[..., Any] = decorator(*args, **options)
        return lambda function: compiler(inspect.unwrap(function))

    return decorate
