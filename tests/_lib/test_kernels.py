"""Kernels: what they are handed, and programs of them."""

from fractions import Fraction

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromech._lib.kernels import bind, fused, kernel, layout, run, table, unpack

ALL = "f8 f4 i8 i4[:] u1[:,:] f8[:,:,:] f4[:]"


@kernel
def _add_all(row):
    a, b, c, counts, bytes_, cube, out = unpack(row, ALL)
    total = a + b + c
    for i in range(counts.shape[0]):
        total += counts[i]
    for i in range(bytes_.shape[0]):
        for j in range(bytes_.shape[1]):
            total += bytes_[i, j]
    out[0] = total
    out[1] = cube[1, 2, 3]
    out[2] = cube.shape[0] * 100 + cube.shape[1] * 10 + cube.shape[2]


def test_a_kernel_meets_its_numbers_and_arrays() -> None:
    cube, out = np.arange(24.0).reshape(2, 3, 4), np.zeros(3, np.float32)
    counts, bytes_ = np.array([10, 20], np.int32), np.full((2, 3), 200, np.uint8)
    call = bind(_add_all, ALL, 0.5, 0.25, -3, counts, bytes_, cube, out)
    call()
    assert out.tolist() == [0.5 + 0.25 - 3 + 30 + 1200, 23.0, 234.0]
    counts[0] = 11  # the very memory, not a copy
    call()
    assert out[0] == 1228.75


@kernel
def _double(row):
    values, factor = unpack(row, "f8[:] f8")
    for i in range(len(values)):
        values[i] = 2.0 * values[i] + factor


def test_a_program_carries_out_its_calls_in_their_order() -> None:
    values = np.ones(2)
    calls = [bind(_double, "f8[:] f8", values, factor) for factor in (1.0, 10.0)]
    run(table(calls))
    assert values.tolist() == [16.0, 16.0]
    run(table([]))
    assert values.tolist() == [16.0, 16.0]


@pytest.mark.parametrize(
    "value", [np.zeros(3, np.float32), np.zeros((3, 1)), np.zeros(6)[::2], [1.0, 2.0], 3.0], ids=repr
)
def test_an_array_of_another_kind_is_refused_before_it_is_read(value: object) -> None:
    with pytest.raises(TypeError, match="C-ordered array"):
        bind(_double, "f8[:] f8", value, 1.0)


def test_a_layout_names_types() -> None:
    assert [str(kind) for kind in layout("f8 i4[:,:]")] == ["float64", "array(int32, 2d, C)"]


@numba.njit
def _fused(a: float, b: float, c: float) -> float:
    return fused(a, b, c)


@given(*[st.floats(-1e6, 1e6)] * 3)
def test_a_fused_product_is_rounded_once(a: float, b: float, c: float) -> None:
    assert _fused(a, b, c) == float(Fraction(a) * Fraction(b) + Fraction(c))
