"""``make compare``: hold the simulated animals against recorded ones and write the tables of the site.

Needs the recordings (NEUROMECH_DATA, or 'neuromech data fetch'); an animal whose recording is not here keeps
its table. Recordings, controls, comparison.json and comparison.html are left under simulations/compare/.
Usage: python docs/validation/scripts/compare.py [--episodes 5] [--gif] [--only NAME ...]
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from fish_replay import USABLE, halves
from markers import VALIDATION, into

from neuromech._lib.errors import InputError
from neuromech.cli import main as cli
from neuromech.comparison import compare, page, table
from neuromech.replay import bouts as replay
from neuromech.specs import datasets
from neuromech.specs.content import load
from neuromech.tracking.io.base import ReaderOptions

ROOT = Path(__file__).resolve().parents[3]
PAGE = VALIDATION / "comparison.md"
VIDEOS = ROOT / "videos"
OUTPUT = ROOT / "simulations" / "compare"
# A stretch of the clip in which the worm is seen throughout; the simulated one takes seconds to start.
FILM = ("start_s=10", "animal_start_s=40", "duration_s=12")

# The file says neither how often nor in which unit it was recorded, nor what its keypoints are: the names are
# those of the test configuration of stac-mjx, where it comes from; 60 frames per second are our assumption.
MOUSE = ReaderOptions(
    fps=60.0, unit="mm", up="-y",
    keypoints=(
        "Nose", "Ear_R", "Ear_L", "TTI", "TailTip", "Head", "Trunk", "Tail_0", "Tail_1", "Tail_2",
        "Shoulder_L", "Shoulder_R", "Knee_L", "Knee_R", "Neck", "Elbow_L", "Elbow_R", "Wrist_L", "Wrist_R",
        "Forepaw_L", "Forepaw_R", "Heel_L", "Heel_R", "Spine", "Eye_L", "Eye_R", "Tail_3", "Tail_4",
        "Hip_L", "Hip_R", "Lisfranc_R", "MTP_L", "Lisfranc_L", "MTP_R",
    ),
    spine=("Nose", "Head", "Neck", "Spine", "Trunk", "TTI"),
    limbs={"fl": "Forepaw_L", "fr": "Forepaw_R", "hl": "MTP_L", "hr": "MTP_R"},
)  # fmt: skip
MOUSE_FILM = ("start_s=4", "duration_s=6")


def worm(episodes: int, gif: bool) -> str:
    """The crawling worm beside the WormPose sample clip."""
    animal, folder = datasets.path("wormpose_sample_features"), OUTPUT / "worm_crawl"
    run = ["run", "experiment=worm_crawl", "duration_s=60", f"episodes={episodes}", "video=false"]
    if cli.main([*run, f"output={folder}"]):
        raise InputError("the run failed")
    found = compare.compare(folder, [animal], ReaderOptions(body_length_mm=1.0), skip_s=5.0)
    page.write(found, folder)
    if gif:
        pictures = datasets.path("wormpose_sample_frames")
        cli.main(
            ["video", f"simulation={folder}", f"animal={animal}", f"pictures={pictures}", *FILM, "gif=true"]
        )
        shutil.copy(folder / "comparison.gif", VIDEOS / "worm_beside.gif")
    return table.markdown(found)


def larva(episodes: int, gif: bool) -> str:
    """The larva with its brain, at rest over stripes that rest, beside bouts of a spontaneous larva.

    Nothing is drawn of the animal, as the recording's terms ask.
    """
    animal, folder = datasets.path("larva_bouts"), OUTPUT / "fish_spontaneous"
    run = ["run", "experiment=fish_spontaneous", f"episodes={episodes}", "video=false"]
    if cli.main([*run, f"output={folder}"]):
        raise InputError("the run failed")
    found = compare.compare(folder, [animal], ReaderOptions())
    page.write(found, folder)
    return table.markdown(found)


def replayed(episodes: int, gif: bool) -> str:
    """The larva's body and water beside the bouts they replay; nothing is drawn here either.

    Half of the bouts calibrated the water: a second table tells the two halves apart.
    """
    animal, folder = datasets.path("larva_replay_bouts"), OUTPUT / "fish_replay"
    bouts = {number: bout for number, bout in replay.load(animal).items() if number in USABLE}
    swimmer = replay.Swimmer(load("bodies", "larval_fish"), load("environments", "optomotor_tank"), 0.0005)
    folder.mkdir(parents=True, exist_ok=True)
    outcomes = {k: swimmer.swim(bout) for k, bout in bouts.items()}
    found = compare.compare(replay.save(folder / "swum.npz", bouts, outcomes), [animal], ReaderOptions())
    page.write(found, folder)
    rows = [
        f"| {name} | {len(half)} | {replay.ratio(half):.2f} | {replay.slope(half):.2f} "
        f"| {np.mean([each.path_rms_mm for each in half.values()]):.2f} |"
        for name, numbers in zip(("calibrated the water", "held out"), halves(bouts), strict=True)
        for half in [{number: outcomes[number] for number in numbers}]
    ]
    head = "| bouts | n | median displacement ratio | turn slope | mean path error, mm (RMS) |"
    return "\n".join([table.markdown(found), "", head, "|" + "---|" * 5, *rows])


def fly(episodes: int, gif: bool) -> str:
    """The walking fly beside one second of a freely walking one, both seen from their own trunk."""
    animal, folder = datasets.path("flygym_spotlight_first_half"), OUTPUT / "fly_walk"
    run = ["run", "experiment=fly_walk", "duration_s=3", f"episodes={episodes}", "video=false"]
    if cli.main([*run, f"output={folder}"]):
        raise InputError("the run failed")
    found = compare.compare(folder, [animal], ReaderOptions(), skip_s=0.5)
    page.write(found, folder)
    if gif:
        stretch = ("start_s=1", "duration_s=0.9")
        cli.main(["video", f"simulation={folder}", f"animal={animal}", *stretch, "gif=true"])
        shutil.copy(folder / "comparison.gif", VIDEOS / "fly_beside.gif")
    return table.markdown(found)


def mouse(episodes: int, gif: bool) -> str:
    """The mouse at a middle drive beside 3,600 frames of a mouse that explores and seldom walks."""
    animal, folder = datasets.path("stac_mouse_mocap"), OUTPUT / "mouse_gaits"
    run = ["run", "experiment=mouse_gaits", "duration_s=20", "video=false"]
    if cli.main([*run, f"episodes={episodes}", f"output={folder}"]):
        raise InputError("the run failed")
    found = compare.compare(folder, [animal], MOUSE, skip_s=2.0)
    page.write(found, folder)
    if gif:
        limbs = ",".join(f"{leg}:{foot}" for leg, foot in MOUSE.limbs.items())
        given = [f"fps={MOUSE.fps:g}", f"unit={MOUSE.unit}", f"up={MOUSE.up}", f"limbs={{{limbs}}}"]
        given += [f"{key}=[{','.join(getattr(MOUSE, key))}]" for key in ("keypoints", "spine")]
        cli.main(["video", f"simulation={folder}", f"animal={animal}", *given, *MOUSE_FILM, "gif=true"])
        shutil.copy(folder / "comparison.gif", VIDEOS / "mouse_beside.gif")
    return table.markdown(found)


TABLES: dict[str, Callable[[int, bool], str]] = {
    "worm": worm,
    "larva": larva,
    "fish": replayed,
    "mouse": mouse,
    "fly": fly,
}


def insert(text: str, name: str) -> None:
    """Put a table between its markers on its page."""
    markers = f"<!-- compare {name}: made by make compare -->", f"<!-- /compare {name} -->"
    if not into(PAGE, markers, text):
        raise InputError(f"{PAGE} has no marker {markers[0]}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--episodes", type=int, default=5)
    parser.add_argument(
        "--gif", action="store_true", help="also make the films of worm, mouse and fly in videos/"
    )
    parser.add_argument("--only", nargs="+", choices=TABLES, default=list(TABLES), help="only these animals")
    options = parser.parse_args()
    for name in options.only:
        try:
            text = TABLES[name](options.episodes, options.gif)
        except InputError as error:
            print(f"{name}: left as it is; {error}", file=sys.stderr)
            continue
        print(text)
        insert(text, name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
