"""The type checker that conftest puts on every function of neuromech."""

import inspect
from collections.abc import Callable
from typing import Any

from beartype import BeartypeConf, beartype

# A whole number is a good float, as it is for every static checker.
check = beartype(conf=BeartypeConf(is_pep484_tower=True))


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
