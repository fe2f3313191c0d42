"""The registry: lazy built-in entries, additions from Python, and nearest names."""

from __future__ import annotations

import sys

import pytest

from neuromech._lib.errors import InputError
from neuromech._lib.registry import REGISTRIES, Registry, register


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
