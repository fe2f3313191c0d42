"""MuJoCo's own functions, called by compiled kernels at their place in its library."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from pathlib import Path
from typing import Any

import mujoco
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from neuromech._lib.errors import InputError

# What these return is given by their types, which no static checker knows.
_intrinsic: Any = intrinsic


@lru_cache(maxsize=32)
def address(name: str) -> int:
    """Return the address of a function of the library that comes with MuJoCo's Python package.

    Raises
    ------
    InputError
        There is no such library beside the package, or it has no such function.
    """
    folder = Path(str(mujoco.__file__)).parent
    files = [file for file in sorted(folder.iterdir()) if _is_library(file.name)]
    if not files:
        raise InputError(f"MuJoCo's library was not found in {folder}")
    function = getattr(ctypes.CDLL(str(files[0])), name, None)
    if function is None:
        raise InputError(f"MuJoCo's library {files[0].name} has no function {name}")
    return int(ctypes.cast(function, ctypes.c_void_p).value or 0)


def found() -> bool:
    """Say whether the library is where it is looked for; without it, worlds are stepped in plain Python."""
    try:
        return bool(address("mj_step1"))
    except (InputError, OSError):
        return False


def _pointers(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Generate the call of a function, given by address, that takes pointers only."""
    word = ir.IntType(64)
    kind = ir.FunctionType(ir.VoidType(), [word] * (len(arguments) - 1)).as_pointer()
    builder.call(builder.inttoptr(arguments[0], kind), list(arguments[1:]))
    return context.get_dummy_value()


@_intrinsic
def call(typing: Any, function: Any, first: Any, second: Any) -> Any:
    """Call a function that takes two pointers, such as a model and a state, all three given by address."""
    return types.void(*(types.int64,) * 3), _pointers


@_intrinsic
def call_three(typing: Any, function: Any, first: Any, second: Any, third: Any) -> Any:
    """Call a function that takes three pointers, all four given by address."""
    return types.void(*(types.int64,) * 4), _pointers


@_intrinsic
def call_velocity(typing: Any, function: Any, model: Any, data: Any, site: Any, out: Any) -> Any:
    """Call `mj_objectVelocity` for a site, in the site's own frame; `out` is the address of six numbers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word, short = ir.IntType(64), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [word, word, short, short, word, short]).as_pointer()
        of_site, local = short(int(mujoco.mjtObj.mjOBJ_SITE)), short(1)
        target, which = builder.inttoptr(arguments[0], kind), builder.trunc(arguments[3], short)
        builder.call(target, [arguments[1], arguments[2], of_site, which, arguments[4], local])
        return context.get_dummy_value()

    return types.void(*(types.int64,) * 5), generate


def _is_library(name: str) -> bool:
    return name.startswith(("libmujoco.", "mujoco.dll"))
