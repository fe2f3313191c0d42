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

    njit = numba.njit

    def njit_of_the_source(*args: Any, **options: Any) -> Any:
        if args and callable(args[0]):
            return njit(inspect.unwrap(args[0]), **options)
        compiler: Callable[..., Any] = njit(*args, **options)
        return lambda function: compiler(inspect.unwrap(function))

    numba.njit = njit_of_the_source
