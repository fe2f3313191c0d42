"""The registry: lazy built-in entries, additions from Python, and nearest names."""

from __future__ import annotations

import subprocess
import sys

import pytest

from neuromech._lib.errors import InputError
from neuromech._lib.registry import HOMES, REGISTRIES, Registry, register


@pytest.fixture
def shapes() -> Registry[type]:
    return Registry("shape", {"fraction": "fractions:Fraction", "colour": "colorsys:rgb_to_hls"})


def test_a_built_in_entry_is_imported_when_it_is_asked_for(
    shapes: Registry[type], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    assert "colour" in shapes and list(shapes) == ["fraction", "colour"] and "colorsys" not in sys.modules
    assert shapes["colour"].__name__ == "rgb_to_hls" and "colorsys" in sys.modules


def test_others_add_theirs_once(shapes: Registry[type]) -> None:
    class Square: ...

    assert register("shape", "square")(Square) is Square and shapes["square"] is Square
    again = register("shape", "square")(type("Square", (), {"__module__": __name__}))
    assert shapes["square"] is again  # a notebook's cell that is run again
    with pytest.raises(InputError, match="there is a shape square already, in tests"):
        register("shape", "square")(int)
    with pytest.raises(InputError, match="there is a shape fraction already, in fractions"):
        register("shape", "fraction")(Square)
    assert REGISTRIES["shape"] is shapes


def test_names_that_are_not_there(shapes: Registry[type]) -> None:
    with pytest.raises(InputError, match="unknown shape 'fractoin'.*fraction"):
        shapes["fractoin"]
    with pytest.raises(InputError, match="unknown registry 'shpe'.*shape"):
        register("shpe", "square")(int)


@pytest.mark.thorough
def test_every_kind_is_registered_before_anything_of_it_is_imported() -> None:
    # A child per kind, so that no kind finds the modules of another one imported; libraries it may find.
    code = (
        "import os, neuromech\n"
        "import jax, equinox, numba, scipy.signal, scipy.interpolate, xarray, pydantic, gymnasium, mujoco\n"
        "from neuromech._lib.registry import HOMES, REGISTRIES, registry\n"
        "for kind in HOMES:\n"
        "    if os.fork():\n"
        "        _, status = os.wait()\n"
        "        print(kind, 'failed' if status else 'added', flush=True)\n"
        "        continue\n"
        "    assert kind not in REGISTRIES\n"
        "    def mine(*given): ...\n"
        "    if kind == 'reader':\n"
        "        mine.suffixes, mine.claims = ['.mine'], lambda path: True\n"
        "    assert neuromech.register(kind, 'mine')(mine) is mine\n"
        "    assert registry(kind)['mine'] is mine\n"
        "    assert 'mine' in registry(kind) and len(registry(kind)) > 1\n"
        "    os._exit(0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split("\n")[:-1] == [f"{kind} added" for kind in HOMES], done.stderr


def test_a_reader_is_more_than_a_function() -> None:
    with pytest.raises(InputError, match=r"reader mine needs suffixes and claims.*io\.base\.reader"):
        register("reader", "mine")(len)
