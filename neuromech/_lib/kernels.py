"""Compiled functions that call each other by address, so that a whole control period needs no interpreter.

A kernel is a compiled function that takes one pointer: to a row of 64-bit words which say where its arrays
lie and what its numbers are. A `Call` is a kernel with its row. A program is a table of calls that `run`
carries out one after the other, without the lock of Python. Everything is compiled once for each machine and
kept on disk, whatever a body is made of: what differs between bodies stands in the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np import arrayobj

ROW = types.CPointer(types.int64)
_SCALARS = {"f8": types.float64, "f4": types.float32, "i8": types.int64, "i4": types.int32, "u1": types.uint8}


# What these return is given by their types, which no static checker knows.
_intrinsic: Any = intrinsic
_literal: Any = intrinsic(prefer_literal=True)


class Kernel:
    """A function of one row, compiled when its address is first asked for, or taken from the disk."""

    def __init__(self, function: Callable[[Any], None]) -> None:
        self.function = function

    @cached_property
    def _compiled(self) -> Any:
        return numba.cfunc(types.void(ROW), cache=True)(self.function)

    @property
    def address(self) -> int:
        """Where the compiled function is."""
        return int(self._compiled.address)


def kernel(function: Callable[[Any], None]) -> Kernel:
    """Make a kernel of a function that takes a row, whose values `unpack` returns."""
    return Kernel(function)


@dataclass(frozen=True, eq=False)
class Call:
    """A kernel and what it works on.

    Parameters
    ----------
    address : of the compiled kernel.
    row : its words (n,) int64, whose memory must not move.
    holds : everything whose memory the row points to, so that it stays alive.
    """

    address: int
    row: np.ndarray
    holds: tuple[Any, ...] = ()

    def __call__(self) -> None:
        """Carry it out once, from Python."""
        run(table([self]))


def layout(text: str) -> tuple[Any, ...]:
    """Return the numba types that a layout names: `"f8 i4[:] f8[:,:]"`, arrays in C order."""
    found: list[Any] = []
    for word in text.split():
        kind, _, shape = word.partition("[")
        scalar = _SCALARS[kind]
        found.append(types.Array(scalar, shape.count(":"), "C") if shape else scalar)
    return tuple(found)


def bind(kernel: Kernel, form: str, *values: Any) -> Call:
    """Return the call of a kernel with its values, which must fit its layout.

    Arrays are handed over by their place in memory: what is written to them later is what the kernel sees.

    Raises
    ------
    TypeError
        A value is of another type, rank or order than the layout says.
    """
    words: list[int] = []
    for kind, value in zip(layout(form), values, strict=True):
        if isinstance(kind, types.Array):
            scalar = np.dtype(str(kind.dtype))
            fits = isinstance(value, np.ndarray) and value.dtype == scalar and value.ndim == kind.ndim
            if not fits or not value.flags.c_contiguous:
                raise TypeError(f"a kernel expects a C-ordered array {kind}, not {value!r:.80}")
            words += [value.__array_interface__["data"][0], *value.shape]
        elif isinstance(kind, types.Integer):
            words.append(int(value))
        else:
            words.append(int(np.float64(value).view(np.int64)))
    return Call(kernel.address, np.array(words, np.int64), values)


def table(calls: Sequence[Call]) -> np.ndarray:
    """Return a program (call, 2) for `run`; the calls must be kept as long as it is used."""
    rows = [(each.address, each.row.__array_interface__["data"][0]) for each in calls]
    return np.array(rows, np.int64).reshape(-1, 2)


@_literal
def unpack(typing: Any, row: Any, form: Any) -> Any:
    """Return the values of a row, as a tuple of what its layout (a literal text) names."""
    kinds = layout(form.literal_value)
    found = types.Tuple(kinds)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer, place, items = arguments[0], 0, []

        def word() -> Any:
            nonlocal place
            place += 1
            return builder.load(cgutils.gep_inbounds(builder, pointer, place - 1))

        for kind in kinds:
            if not isinstance(kind, types.Array):
                bits, scalar = word(), context.get_value_type(kind)
                if isinstance(kind, types.Integer):
                    items.append(builder.trunc(bits, scalar) if scalar.width < 64 else bits)
                else:
                    value = builder.bitcast(bits, ir.DoubleType())
                    items.append(builder.fptrunc(value, scalar) if kind.bitwidth < 64 else value)
                continue
            data = builder.inttoptr(word(), context.get_data_type(kind.dtype).as_pointer())
            shape = [word() for _ in range(kind.ndim)]
            size = context.get_abi_sizeof(context.get_data_type(kind.dtype))
            strides, step = [], context.get_constant(types.intp, size)
            for extent in reversed(shape):
                strides.insert(0, step)
                step = builder.mul(step, extent)
            array = arrayobj.make_array(kind)(context, builder)
            arrayobj.populate_array(
                array, data, shape, strides, context.get_constant(types.intp, size), meminfo=None
            )
            items.append(array._getvalue())
        return context.make_tuple(builder, found, items)

    return found(row, form), generate


@_intrinsic
def call_kernel(typing: Any, address: Any, row: Any) -> Any:
    """Call the kernel at an address with the row at another."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        words = ir.IntType(64).as_pointer()
        function = ir.FunctionType(ir.VoidType(), [words])
        target = builder.inttoptr(arguments[0], function.as_pointer())
        builder.call(target, [builder.inttoptr(arguments[1], words)])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


@_intrinsic
def fused(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a * b + c, rounded once, as the matrix products of NumPy compute it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return types.float64(*(types.float64,) * 3), generate


@numba.njit(nogil=True, cache=True)
def run(program: np.ndarray) -> None:
    """Carry out the calls of a program (call, 2), one after the other, without Python's lock."""
    for k in range(program.shape[0]):
        call_kernel(program[k, 0], program[k, 1])


@numba.njit(nogil=True, cache=True)
def run_often(
    program: np.ndarray, ends: np.ndarray, times: np.ndarray, lanes: np.ndarray, over: np.ndarray
) -> None:
    """Carry out several programs, each so many times as it is to be, without Python's lock.

    Parameters
    ----------
    program : their calls, one after the other, int64 (call, 2).
    ends : where each program ends, int64 (program,).
    times : how often each is carried out, int64 (program,).
    lanes : the place of each in `over`, int64 (program,).
    over : a program that finds something other than 0 at its place is not repeated, int64 (lane,).
    """
    first = 0
    for i in range(len(ends)):
        for _ in range(times[i]):
            for k in range(first, ends[i]):
                call_kernel(program[k, 0], program[k, 1])
            if over[lanes[i]] != 0:
                break
        first = ends[i]
