"""`neuromech video`: make the video of a recorded episode, alone or beside the recorded animal."""

from __future__ import annotations

from neuromech._lib.errors import InputError, unknown
from neuromech.cli import reader_options, value_checks
from neuromech.cli.parsing import add_quiet, config_dirs, make_parser, parse_values

EXAMPLES = """\
  neuromech video simulation=simulations/worm_crawl_20260101-120000
  neuromech video simulation=crawl episode=3
  neuromech video simulation=crawl animal=wormpose_sample_features

"""
SIZES = {720: (1280, 720), 1080: (1920, 1080)}
"""Width and height in pixels of a video, by its height."""
BESIDE = ("pictures", "gif", "start_s", "animal_start_s", "duration_s")
"""Keys that only a video beside an animal has."""


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = make_parser(
        "video",
        "Make the video of an episode that was recorded; with animal=FILE, beside the recorded animal.",
        EXAMPLES + reader_options.describe(),
    )
    add_quiet(parser)
    options, given = parse_values(
        parser,
        arguments,
        ["simulation", "episode", "animal", "format", "size", *BESIDE, *reader_options.options()],
        "simulation=DIR [episode=0] [size=720|1080] and, with animal=FILE, [pictures=TAR or folder] "
        "[start_s=0] [animal_start_s=where it is well seen] [duration_s=20] [gif=false]",
    )
    given = {"episode": 0, "size": 720, "gif": False, **given}
    folder, episode, folders = (
        value_checks.simulation(given),
        value_checks.whole(given, "episode"),
        config_dirs(options),
    )
    size, progress = given["size"], not options.quiet
    if type(size) is not int or size not in SIZES:
        raise InputError(f"size must be 720 or 1080, not {size!r}")
    if not folder.is_dir():
        raise InputError(f"simulation: there is no folder {folder}")
    recording = folder / f"episode_{episode:03d}.nc"
    if not recording.is_file():
        raise unknown("episode", recording.name, sorted(path.name for path in folder.glob("episode_*.nc")))

    from neuromech.comparison import baselines

    run = baselines.base(folder, folders)
    if run is None:
        raise InputError(f"{folder} has no config.yaml, which says whose body was recorded")
    if "animal" not in given:
        for key in BESIDE:
            if given.get(key):
                raise InputError(f"{key}= is for a video beside an animal; add animal=FILE")

        from neuromech.experiment.episodes import film

        output = folder / ("video.mp4" if episode == 0 else f"video_{episode:03d}.mp4")
        print(film(run, recording, output, progress=progress, size=SIZES[size]))
        return 0

    from neuromech.comparison.film import write
    from neuromech.specs import datasets

    stretch = {
        key: value_checks.seconds(given, key)
        for key in ("start_s", "animal_start_s", "duration_s")
        if key in given
    }
    kind = value_checks.word(given, "format") if "format" in given else None
    pictures = datasets.locate(str(given["pictures"])) if "pictures" in given else None
    animal, gif = datasets.locate(str(given["animal"])), value_checks.flag(given, "gif")
    written = write(
        run, recording, animal, reader_options.read(given, run), folder, name=kind, pictures=pictures,
        size=SIZES[size], gif=gif, progress=progress, **stretch,
    )  # fmt: skip
    for path in written:
        print(path)
    return 0
