"""The commands about training and about recorded animals: train, compare, video and data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from neuromech._lib.errors import InputError, unknown
from neuromech.cli.parsing import add_config_options, config_dirs, make_folder, make_parser, parse_values

# As in cli.py: each command imports what it needs.

_ABOUT_THE_FILE = (
    "fps", "unit", "mm_per_px", "spine", "limbs", "keypoints", "individual", "likelihood", "max_gap_s",
    "frames", "up", "y_down",
)  # fmt: skip
_HELP_FILE = """\
about the animal's file, where it does not say it itself:
  format=NAME         wormpose, tierpsy, wcon, deeplabcut, deeplabcut_h5, sleap, sleap_h5, tail_csv,
                      tail_bouts, bouts, flygym, flygym_joints, stac, nwb, neuromech; else it is found out
  fps=30              frames per second                unit=mm            or px, um, cm, m
  mm_per_px=0.01      scale of a picture               individual=2       where there are several
  spine=[nose,...]    the midline, nose to tail        keypoints=[a,...]  names, where the file has none
  limbs={hl:foot,...} the feet, by leg: f or h and l or r; six legs also m
  likelihood=0.6      less certain points are gaps     max_gap_s=0.2      bridge gaps up to this
  frames=[0,9999]     only these                       up=-y              which way is up, in 3-D
  y_down=true         y points down the picture
"""


def train(arguments: list[str]) -> int:
    """Run `neuromech train`."""
    parser = make_parser(
        "train",
        "Train a controller on the reward of an experiment; can be stopped and started again.",
        "  neuromech train train=ppo experiment=fish_rheotaxis\n"
        "  neuromech train train=ppo experiment=worm_chemotaxis learner=descending seed=1\n"
        "  neuromech train train=evolution experiment=worm_chemotaxis learner=parameters\n"
        "  neuromech train train=sac experiment=fish_rheotaxis steps=20000 envs=2 spawn=true output=sac\n"
        "  neuromech run --config-dir trainings/NAME/configs experiment=fish_rheotaxis controller=NAME",
    )
    add_config_options(parser)
    options = parser.parse_intermixed_args(arguments)

    from neuromech.specs import compose

    folders = config_dirs(options)
    for key, group in (("train", "train"), ("experiment", "experiment")):
        if not any(text.startswith(f"{key}=") for text in options.overrides):
            there_are = ", ".join(compose.options(group, folders)) or "none"
            raise InputError(f"which {key}? add {key}=NAME; there are {there_are}")
    composed = compose.training(options.overrides, folders)
    if options.cfg:
        from omegaconf import OmegaConf

        print(OmegaConf.to_yaml(composed), end="")
        return 0
    if composed.get("output"):
        make_folder(Path(str(composed["output"])))

    from neuromech.training.train import run_train

    print(run_train(composed, folders, progress=not options.quiet))
    return 0


def compare(arguments: list[str]) -> int:
    """Run `neuromech compare`."""
    parser = make_parser(
        "compare",
        "Hold a simulation against recordings of the animal: features, dynamics, and a score between its\n"
        "floor (shuffled wiring, random muscles) and its ceiling (the animal against itself). Controls that\n"
        "are missing are run. Leaves comparison.json and comparison.html.",
        "  neuromech compare simulation=crawl animal=wormpose_sample_features\n"
        "  neuromech compare simulation=crawl animal=worm.csv fps=30 mm_per_px=0.01 'spine=[a,b,c,d]'\n\n"
        + _HELP_FILE,
    )
    known = ["simulation", "animal", "format", "skip_s", "output", *_ABOUT_THE_FILE]
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    options, given = parse_values(
        parser, arguments, known,
        "simulation=DIR animal=FILE (a name of 'neuromech data list', a list) [skip_s=0] [output=DIR]",
    )  # fmt: skip
    folders = config_dirs(options)
    simulation = _simulation(given)
    if "animal" not in given:
        raise InputError("which animal? add animal=FILE, or a name of 'neuromech data list'")
    skip = given.get("skip_s", 0.0)
    if isinstance(skip, bool) or not isinstance(skip, int | float) or not 0 <= skip < float("inf"):
        raise InputError(f"skip_s must be a number of at least 0, not {skip!r}")
    wanted = given["animal"] if isinstance(given["animal"], list) else [given["animal"]]
    output = Path(word(given, "output")) if "output" in given else None

    from neuromech.specs import datasets as registry

    animals = [registry.locate(str(each)) for each in wanted]

    from neuromech.comparison import compare as comparing
    from neuromech.comparison import page, table

    about, name = _given(given, simulation, folders), _format(given)
    output = output or (simulation if simulation.is_dir() else simulation.parent)
    make_folder(output)
    found = comparing.compare(
        simulation, animals, about, name, float(skip), not options.quiet, config_dirs=folders
    )
    print(table.plain(found))
    for path in page.write(found, output):
        print(path)
    return 0


def video(arguments: list[str]) -> int:
    """Run `neuromech video`."""
    parser = make_parser(
        "video",
        "Make the video of an episode that was recorded; with animal=FILE, beside the recorded animal.",
        "  neuromech video simulation=simulations/worm_crawl_20260101-120000\n"
        "  neuromech video simulation=crawl episode=3\n"
        "  neuromech video simulation=crawl animal=wormpose_sample_features\n\n" + _HELP_FILE,
    )
    known = ["simulation", "episode", "animal", "format", "pictures", "size", "gif", "start_s",
             "animal_start_s", "duration_s", *_ABOUT_THE_FILE]  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    options, given = parse_values(
        parser, arguments, known,
        "simulation=DIR [episode=0] [size=720|1080] and, with animal=FILE, [pictures=TAR or folder] "
        "[start_s=0] [animal_start_s=where it is well seen] [duration_s=20] [gif=false]",
    )  # fmt: skip
    given = {"episode": 0, "size": 720, **given}
    folder, episode, folders = _simulation(given), _episode(given), config_dirs(options)
    sizes = {720: (1280, 720), 1080: (1920, 1080)}
    if type(given["size"]) is not int or given["size"] not in sizes:
        raise InputError(f"size must be 720 or 1080, not {given['size']!r}")
    if not folder.is_dir():
        raise InputError(f"simulation: there is no folder {folder}")
    recording = folder / f"episode_{episode:03d}.nc"
    if not recording.is_file():
        raise unknown("episode", recording.name, sorted(path.name for path in folder.glob("episode_*.nc")))
    if not (folder / "config.yaml").is_file():
        raise InputError(f"{folder} has no config.yaml, which says whose body was recorded")

    from neuromech.specs import compose
    from neuromech.specs import datasets as registry

    run = compose.load_run([], [folder, *folders])
    if "animal" not in given:
        for key in set(given) & {"pictures", "gif", "start_s", "animal_start_s", "duration_s"}:
            raise InputError(f"{key}= is for a video beside an animal; add animal=FILE")

        from neuromech.experiment import film

        output = folder / ("video.mp4" if episode == 0 else f"video_{episode:03d}.mp4")
        print(film(run, recording, output, progress=not options.quiet, size=sizes[given["size"]]))
        return 0

    from neuromech.comparison import film as beside

    stretch = {
        key: _seconds(given, key) for key in ("start_s", "animal_start_s", "duration_s") if key in given
    }
    pictures = registry.locate(str(given["pictures"])) if "pictures" in given else None
    animal = registry.locate(str(given["animal"]))
    about, name = _given(given, folder, folders), _format(given)
    written = beside.write(
        run, recording, animal, about, folder, name=name, pictures=pictures,
        size=sizes[given["size"]], gif=_flag(given, "gif"), progress=not options.quiet,
        **stretch,
    )  # fmt: skip
    for path in written:
        print(path)
    return 0


def data(arguments: list[str]) -> int:
    """Run `neuromech data`."""
    parser = make_parser(
        "data",
        "Recordings of animals by name, and simulations in the formats of other tools.",
        "  neuromech data list\n"
        "  neuromech data fetch wormpose_sample_features\n"
        "  neuromech data path wormpose_sample_features\n"
        "  neuromech data export simulation=crawl output=crawl.wcon",
    )
    parser.add_argument("what", help="list, fetch, path or export")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a name of the list; for export key=value")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    options = parser.parse_intermixed_args(arguments)
    if options.what not in _DATA:
        raise unknown("command", f"data {options.what}", [f"data {name}" for name in _DATA])
    return _DATA[options.what](options.names, not options.quiet)


def _list(names: list[str], progress: bool) -> int:
    from neuromech.specs import datasets as registry

    if names:
        raise InputError(f"'neuromech data list' takes no name, not {names[0]}")
    found = registry.entries()
    width, words = max(len(name) for name in found), max(len(each.licence) for each in found.values())
    for name, each in found.items():
        how = "here" if registry.here(each) else "fetch" if each.url or each.wheel else "by hand"
        print(f"{name:<{width}}  {how:<7}  {each.size / 1e6:6.2f} MB  {each.licence:<{words}}  {each.about}")
    return 0


def _fetch(names: list[str], progress: bool) -> int:
    from neuromech.brain import wirings
    from neuromech.specs import datasets as registry

    for name in _some(names, "fetch"):
        wiring = _wiring(name)
        print(wirings.fetch(wiring, progress) if wiring else registry.fetch(name, progress))
        files = wirings.WIRINGS[wiring].needs if wiring else (name,)
        for terms in dict.fromkeys((each.licence, each.citation) for each in map(registry.find, files)):
            print("licence {}; cite {}".format(*terms))
    return 0


def _path(names: list[str], progress: bool) -> int:
    from neuromech.brain import wirings
    from neuromech.specs import datasets as registry

    for name in _some(names, "path"):
        wiring = _wiring(name)
        if wiring:
            wirings.converted(wiring)
            print(wirings.folder(wiring))
        else:
            print(registry.path(name))
    return 0


def _export(names: list[str], progress: bool) -> int:
    from neuromech import recording as recordings
    from neuromech.specs import compose
    from neuromech.tracking.io import nwb, wcon

    given = {"episode": 0, **compose.values(names, ["simulation", "episode", "output"])}
    folder = _simulation(given)
    if not isinstance(given.get("output"), str):
        raise InputError("export where to? add output=FILE.wcon or output=FILE.nwb")
    output = Path(given["output"])
    writers = {".wcon": wcon.write, ".nwb": nwb.write}
    if output.suffix not in writers:
        raise unknown("format", output.suffix or output.name, writers)
    source = folder / f"episode_{_episode(given):03d}.nc" if folder.is_dir() else folder
    print(writers[output.suffix](recordings.load(source), output))
    return 0


def _wiring(name: str) -> str | None:
    """Return the wiring of a brain that a name means, None if it is that of a file."""
    from neuromech.brain import wirings
    from neuromech.specs import datasets as registry

    wiring = _WIRING.get(name, name)
    return wiring if wiring in wirings.WIRINGS and name not in registry.entries() else None


_WIRING = {"flywire": "flywire_783"}
"""Short names of what is fetched and converted."""

_DATA = {"list": _list, "fetch": _fetch, "path": _path, "export": _export}


def _some(names: list[str], what: str) -> list[str]:
    if not names:
        raise InputError(f"which one? 'neuromech data {what} NAME'; 'neuromech data list' names them")
    return names


def _simulation(given: Mapping[str, Any]) -> Path:
    if "simulation" not in given:
        raise InputError("which recording? add simulation=DIR, the folder that 'neuromech run' made")
    path = Path(str(given["simulation"])).expanduser()
    if not path.exists():
        raise InputError(f"simulation: there is no folder {path}")
    return path


def _episode(given: Mapping[str, Any]) -> int:
    episode = given["episode"]
    if isinstance(episode, bool) or not isinstance(episode, int) or episode < 0:
        raise InputError(f"episode must be a whole number of at least 0, not {episode!r}")
    return episode


def _given(given: Mapping[str, Any], simulation: Path, config_dirs: Sequence[Path]) -> Any:
    """Return what the user says about the animal's file, checked."""
    from neuromech.comparison.baselines import base
    from neuromech.tracking.io.base import Given

    values: dict[str, Any] = {}
    for key in _ABOUT_THE_FILE:
        if key in given:
            values[key] = _KINDS[key](given, key)
    run = base(simulation, config_dirs) if simulation.is_dir() else None
    return Given(**values, body_length_mm=float(run.body["length_mm"]) if run else None)


def _number(given: Mapping[str, Any], key: str) -> float:
    value = given[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{key} must be a number, not {value!r}")
    return float(value)


def _seconds(given: Mapping[str, Any], key: str) -> float:
    value = _number(given, key)
    if not 0 <= value < float("inf"):
        raise InputError(f"{key} must be a number of at least 0, not {value}")
    return value


def _format(given: Mapping[str, Any]) -> str | None:
    return word(given, "format") if "format" in given else None


def word(given: Mapping[str, Any], key: str) -> str:
    """Return the one word that a key was given, InputError if it is something else."""
    if isinstance(given[key], list | dict | bool) or given[key] is None:
        raise InputError(f"{key} must be one name, not {given[key]!r}")
    return str(given[key])


def _words(given: Mapping[str, Any], key: str) -> tuple[str, ...]:
    if not isinstance(given[key], list):
        raise InputError(f"{key} must be a list of names in brackets, not {given[key]!r}")
    return tuple(str(each) for each in given[key])


def _limbs(given: Mapping[str, Any], key: str) -> dict[str, str]:
    from neuromech.tracking.kinematics.legs import place

    if not isinstance(given[key], dict) or not given[key]:
        raise InputError(f"{key} must be a group of leg:keypoint in braces, not {given[key]!r}")
    found = {str(leg): str(foot) for leg, foot in given[key].items()}
    for leg in found:
        place(leg)
    return found


def _flag(given: Mapping[str, Any], key: str) -> bool:
    value = given.get(key, False)
    if not isinstance(value, bool):
        raise InputError(f"{key} must be true or false, not {value!r}")
    return value


def _frames(given: Mapping[str, Any], key: str) -> tuple[int, int]:
    value = given[key]
    if not (isinstance(value, list) and len(value) == 2 and all(type(each) is int for each in value)):
        raise InputError(
            f"{key} must be [first,last], two whole numbers, not {json.dumps(value, default=str)}"
        )
    return value[0], value[1]


_KINDS = {
    "fps": _number, "unit": word, "mm_per_px": _number, "spine": _words, "limbs": _limbs,
    "keypoints": _words, "individual": word, "likelihood": _number, "max_gap_s": _number,
    "frames": _frames, "up": word, "y_down": _flag,
}  # fmt: skip
