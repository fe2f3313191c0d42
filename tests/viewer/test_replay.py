"""What was done by hand is repeated by the saved experiment, to the last bit."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.specs.compose import load_run, options
from neuromech.specs.run import Run
from neuromech.viewer import acts, saving
from neuromech.viewer.player import Player
from tests.viewer.replaying import played, replayed


def of_yaml(text: str, folder: Path) -> Run:
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    return load_run([], [folder])


def of_command(text: str) -> Run:
    words = shlex.split(text)
    assert words[:2] == ["neuromech", "run"]
    return load_run(words[2:])


def check_repeats(experiment: str, folder: Path, periods: int = 6) -> None:
    """Both the YAML and the command line leave, period by period, what was seen in the window."""
    run = load_run([f"experiment={experiment}", "seed=3"])
    player, seen = played(run, periods)
    saved = player.saved_run
    assert len(player.done) >= 1 and saved.duration_s == pytest.approx(player.time_s)
    from_yaml = of_yaml(saving.as_yaml(saved), folder)
    again = replayed(from_yaml)
    assert len(again) == len(seen)
    for period, (mine, its) in enumerate(zip(again, seen, strict=True)):
        np.testing.assert_array_equal(mine, its, f"period {period}")
    from_command = of_command(saving.as_command(saved))
    for section in ("perturb", "environment", "controller", "clock", "seed", "duration_s", "start"):
        assert getattr(from_command, section) == getattr(from_yaml, section), section
    untouched = replayed(run.__class__(**{**vars(run), "duration_s": saved.duration_s}))
    assert any(not np.array_equal(mine, its) for mine, its in zip(untouched, seen, strict=True))


def test_a_worm_that_was_pushed_and_stimulated_does_the_same_again(tmp_path: Path) -> None:
    check_repeats("worm_chemotaxis", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("experiment", options("experiment"))
def test_every_experiment_does_the_same_again(experiment: str, tmp_path: Path, data: Path) -> None:
    check_repeats(experiment, tmp_path)


@pytest.fixture(scope="module")
def worm() -> Player:
    return Player(load_run(["experiment=worm_chemotaxis", "seed=3"]))


def test_a_reset_takes_back_what_was_done_and_a_restart_keeps_what_it_says(worm: Player) -> None:
    worm.reset()
    worm.advance(3)
    first = worm.loop.world.data.qpos.copy()
    worm.do(acts.read("silence", {"neurons": ["AVB"]}))
    worm.reset()
    assert worm.done == [] and worm.run.perturb.silence == ()
    worm.advance(3)
    assert np.array_equal(worm.loop.world.data.qpos, first)
    worm.do(acts.read("restart", {"seed": 4, "scale_chemical": 0.5}))
    assert worm.time_s == 0 and worm.run.seed == 4 and worm.run.perturb.scale_chemical == 0.5
    worm.reset()
    assert worm.run.perturb.scale_chemical == 0.5
    worm.do(acts.read("restart", {"seed": 3, "scale_chemical": 1.0}))


def test_what_makes_no_sense_is_refused_and_leaves_the_episode(worm: Player) -> None:
    worm.reset()
    worm.advance(2)
    before = worm.loop.world.data.qpos.copy()
    for kind, keys, told in (
        ("silence", {"neurons": ["AVBB"]}, "AVB"),
        ("push", {"segment": "segment_4", "force_nN": [0, 0, 1]}, "segment"),
        ("surround", {"stimulus": {"peak_mm": 3.0}}, "peak_mM"),
        ("surround", {"stimulus": {"kind": "odour"}}, "gaussian"),
        ("surround", {"current_mm_s": [1, 0, 0]}, "current_mm_s"),
        ("command", {"name": "alpha", "value": 1.0}, "command"),
        ("stimulate", {"neurons": ["AVB"], "rate_Hz": 10.0}, "current_pA"),
        ("stimulate", {"neurons": ["AVB"]}, "current_pA"),
    ):
        with pytest.raises(InputError, match=told):
            worm.do(acts.read(kind, keys))
    assert worm.done == [] and np.array_equal(worm.loop.world.data.qpos, before)


def test_acts_and_their_values_are_checked_before_anything_is_done() -> None:
    for kind, keys in (
        ("explode", {}),
        ("silence", {"neurons": []}),
        ("silence", {"neurons": ["A"], "for_s": -1}),
        ("push", {"segment": "a", "force_nN": [0, 0]}),
        ("push", {"segment": "a", "force_nN": [0, 0, float("nan")]}),
        ("command", {"name": "a", "value": "1"}),
        ("surround", {}),
        ("restart", {"seed": -1}),
        (["silence"], {"neurons": ["A"]}),
        ("silence", "AVB"),
        ("silence", {"neurons": ["A"], "__class__": "os.system"}),
    ):
        with pytest.raises(InputError):
            act = acts.read(kind, keys)
            act.apply(load_run(["experiment=worm_crawl"]), 0.0)
