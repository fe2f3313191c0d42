import numpy as np
import pytest

from neuromech.senses.eye.lattice import hexagon, places
from neuromech.training import direction_tuning, stimulus_movies

PLACES = places(hexagon(4))


def test_films_stay_between_black_and_white_and_come_again() -> None:
    one, moved = stimulus_movies.draw(np.random.default_rng(3), PLACES, 20, 0.01, 40)
    again, _ = stimulus_movies.draw(np.random.default_rng(3), PLACES, 20, 0.01, 40)
    assert one.shape == (20, 61, 40) and np.array_equal(one, again)
    assert one.min() >= 0.0 and one.max() <= 1.0
    length = np.linalg.norm(moved, axis=0)
    assert set(np.round(length, 5)) == {0.0, 1.0}


def test_what_is_said_to_stand_still_does_unless_it_flickers() -> None:
    one, moved = stimulus_movies.draw(np.random.default_rng(0), PLACES, 20, 0.01, 200)
    changes = np.abs(np.diff(one, axis=0)).max(axis=(0, 1))
    still = ~moved.any(axis=0)
    uniform = np.ptp(one, axis=1).max(axis=0) < 1e-6
    assert still.sum() > 15
    assert (changes[still & ~uniform] == 0).all() and (changes[~still] > 0).all()


def test_an_edge_reaches_places_in_the_order_of_its_way() -> None:
    seen = direction_tuning.edges(PLACES, 0.01, 20.0, bright=True)
    for k, angle in enumerate(np.radians(direction_tuning.directions_deg())):
        ahead = PLACES @ np.array([np.cos(angle), np.sin(angle)])
        reached = (seen[:, :, k] > 0.75).argmax(axis=0)
        assert np.corrcoef(ahead, reached)[0, 1] > 0.999
        slope = np.polyfit(reached * 0.01, ahead, 1)[0]
        assert slope == pytest.approx(20.0, rel=0.02)
