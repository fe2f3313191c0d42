"""From a recording to a film: how long, how fast, what is on it, and what is refused."""

import imageio.v3 as iio
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.visuals.overlay import view_size
from neuromech.visuals.raster import choose_traces, lay_out, normalise
from neuromech.visuals.scale import nice, nice_above
from neuromech.visuals.video import make_film, write_gif, write_video
from tests.visuals.scenes import SKIN, chain, crawl

SMALL = (320, 240)


def test_a_video_has_its_frames_size_and_rate(tmp_path):
    seen = []
    path = write_video(
        crawl(4.0), chain(), tmp_path / "new" / "video.mp4", fps=10, speed=2.0, size=SMALL, skin=SKIN,
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    frames = iio.imread(path, plugin="FFMPEG")
    assert frames.shape == (21, 240, 320, 3)
    assert iio.immeta(path, plugin="FFMPEG")["fps"] == 10
    assert "yuv420p" in iio.immeta(path, plugin="FFMPEG")["pix_fmt"]
    assert seen[-1] == (21, 21)
    assert frames[0].std() > 10 and np.abs(frames[-1].astype(int) - frames[0]).mean() > 1
    assert [p.name for p in path.parent.iterdir()] == ["video.mp4"]


def test_a_gif_loops_and_is_short(tmp_path):
    path = write_gif(crawl(12.0, 0.5), None, tmp_path / "clip.gif", size=(160, 120), fps=4)
    assert len(iio.imread(path)) == 25  # twice real time keeps it within 6 s


@pytest.mark.parametrize(("duration", "speed"), [(4.0, 1.0), (60.0, 2.0), (300.0, 10.0), (100.0, 5.0)])
def test_the_speed_is_round_and_keeps_a_film_within_half_a_minute(duration, speed):
    film = make_film(crawl(duration, duration / 20), None, size=SMALL, skin=SKIN)
    assert film.speed == speed
    assert len(film) / film.fps <= 30.1


def test_every_frame_is_one_picture_and_the_last_shows_the_whole_path():
    film = make_film(crawl(4.0), chain(), fps=2, size=(640, 360), skin=SKIN, traces=["N03", "N11"])
    frames = list(film)
    assert len(frames) == len(film) == 9
    assert {frame.shape for frame in frames} == {(360, 640, 3)}
    # The raster (bottom left) fills from the right as time passes.
    panel = [frame[250:340, 80:400].astype(int).sum(axis=2) > 120 for frame in (frames[0], frames[-1])]
    assert panel[1].sum() > 5 * panel[0].sum()


def test_films_without_neurons_muscles_stimulus_or_model():
    bare = crawl(2.0).drop_vars(
        ["activity", "muscle", "stimulus", "neuron", "muscle_name", "stimulus_channel"]
    )
    bare.attrs = {}
    film = make_film(bare, None, fps=2, size=SMALL)
    assert view_size(SMALL, False) == SMALL
    assert all(frame.shape == (240, 320, 3) and frame.std() > 5 for frame in film)


def test_a_model_without_a_skin_is_posed_from_its_joints():
    recording, model = crawl(2.0), chain()
    qpos = np.zeros((recording.sizes["time"], model.nq))
    qpos[:, 0] = 0.2 * recording["time"]
    recording["qpos"] = (("time", "q"), qpos)
    frames = list(make_film(recording, model, fps=1, size=SMALL))
    assert np.abs(frames[0].astype(int) - frames[-1]).max() > 20
    recording["qpos"] = (("time", "q"), qpos[:, :3])
    with pytest.raises(InputError, match="joint positions"):
        make_film(recording, model, fps=1, size=SMALL)


def test_gaps_in_a_recorded_animal_are_bridged():
    recording = crawl(2.0)
    recording["landmarks"][3:6] = np.nan
    assert all(frame.any() for frame in make_film(recording, None, fps=4, size=SMALL, skin=SKIN))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"speed": 0.0}, "speed above 0"),
        ({"fps": -1.0}, "speed above 0"),
        ({"size": (321, 240)}, "even"),
        ({"size": (64, 48)}, "at least"),
        ({"traces": ["AVAL"]}, "unknown neuron 'AVAL'"),
    ],
)
def test_what_makes_no_film_is_refused(tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        write_video(crawl(1.0), None, tmp_path / "v.mp4", **{"size": SMALL, "skin": SKIN, **options})
    assert not list(tmp_path.iterdir())


def test_an_unwritable_path_and_a_single_sample_are_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        write_video(crawl(1.0), None, tmp_path / "file" / "v.mp4", size=SMALL, progress=False)
    with pytest.raises(InputError, match="two samples"):
        make_film(crawl(1.0).isel(time=[0]))


def test_an_interrupted_film_leaves_no_file(tmp_path):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_video(crawl(1.0), None, tmp_path / "v.mp4", fps=5, size=SMALL, progress=stop)
    assert not list(tmp_path.iterdir())


def test_neurons_are_grouped_scaled_and_chosen():
    assert lay_out({"a": ["y", "gone"], "b": ["gone"]}, ["x", "y"]) == {"a": [1], "other": [0]}
    assert lay_out({}, ["x"]) == {"neurons": [0]}
    activity = np.column_stack([np.linspace(-50, -20, 100), np.full(100, -35.0), np.full(100, np.nan)])
    level = normalise(activity)
    assert level.min() == 0 and level.max() == 1 and not level[:, 1].any() and not level[:, 2].any()
    assert choose_traces(None, ["x", "y", "z"], {"a": [1], "b": [0, 2]}, activity, 2) == [1, 0]


def test_round_numbers():
    assert [nice(v) for v in (0.19, 0.2, 4.9, 1.0)] == pytest.approx([0.1, 0.2, 2.0, 1.0])
    assert [nice_above(v) for v in (0.19, 0.2, 5.1, 1.0)] == pytest.approx([0.2, 0.2, 10.0, 1.0])


@pytest.mark.parametrize("speed", [1.0, 20.0, 100.0])
def test_the_picture_stays_on_an_animal_that_turns_back(speed):
    recording = crawl(200.0, 0.5)
    there_and_back = 20.0 - np.abs(20.0 - 0.2 * recording["time"].values)
    shift = there_and_back - 0.2 * recording["time"].values
    recording["landmarks"][..., 0] += shift[:, None]
    film = make_film(recording, None, fps=5, speed=speed, size=SMALL, skin=SKIN)
    animal = np.interp(film.times, recording["time"], recording["landmarks"][..., 0].mean("landmark"))
    assert np.abs(film._poses.centre[:, 0] - animal).max() < 0.31  # body lengths
