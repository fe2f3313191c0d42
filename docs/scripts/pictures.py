"""Draw the pictures of the site from runs of the shipped content: python docs/scripts/pictures.py [NAME ...].

Every picture comes from the commands that stand beside it, seed 0 unless they say otherwise, and is written
to docs/assets/pictures. They are kept in the repository, so that building the site takes no simulation but
the tutorials.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np  # noqa: E402
import xarray as xr  # noqa: E402
from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from PIL import Image  # noqa: E402

TARGET = Path(__file__).resolve().parents[1] / "assets" / "pictures"
SALT = ["experiment=worm_chemotaxis", "video=false"]
COLOURS = {
    "intact": "#2a9d8f",
    "ASEL and ASER ablated": "#c4473a",
    "sensory and interneurons shuffled": "#8a7fb8",
}


def run(*overrides: str, folder: Path) -> Path:
    """Run an experiment on the command line and return its folder."""
    command = [sys.executable, "-m", "neuromech", "run", "--quiet", *overrides, f"output={folder}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


def recording(folder: Path, episode: int = 0) -> xr.Dataset:
    """Return the recording of an episode."""
    return xr.open_dataset(folder / f"episode_{episode:03d}.nc", engine="h5netcdf")


def save(figure: Figure, name: str) -> None:
    """Write a figure."""
    figure.savefig(TARGET / f"{name}.png", dpi=110, facecolor="white", bbox_inches="tight", pad_inches=0.1)
    plt.close(figure)
    shrink(TARGET / f"{name}.png", TARGET / f"{name}.png")


def shrink(source: Path, target: Path, width: int = 1100, photo: bool = False) -> None:
    """Write a picture at most so wide, with as few colours as keep it small."""
    picture = Image.open(source).convert("RGB")
    if picture.width > width:
        picture = picture.resize(
            (width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS
        )
    dither = Image.Dither.FLOYDSTEINBERG if photo else Image.Dither.NONE
    picture.quantize(128, dither=dither).save(target, optimize=True)


def three_paths(scratch: Path) -> None:
    """Draw where the intact and two damaged worms go on the same plate."""
    runs = {
        "intact": [],
        "ASEL and ASER ablated": ["perturb.ablate=[ASEL,ASER]"],
        "sensory and interneurons shuffled": ["perturb.shuffle_wiring=[sensory,interneuron]"],
    }
    figure, axis = plt.subplots(figsize=(7, 5), layout="constrained")
    x = np.linspace(-9, 9, 200)
    salt = 25 * np.exp(-(x[None] ** 2 + x[:, None] ** 2) / (2 * 3.0**2))
    drawn = axis.contourf(x, x, salt, levels=12, cmap="Greys", alpha=0.55)
    figure.colorbar(drawn, label="NaCl, mM", shrink=0.8)
    for k, (name, overrides) in enumerate(runs.items()):
        found = recording(run(*SALT, *overrides, folder=scratch / str(k)))
        nose = found["landmarks"].isel(landmark=0)
        axis.plot(nose.sel(xyz="x"), nose.sel(xyz="y"), color=COLOURS[name], lw=1.4, label=name)
        axis.plot(nose.sel(xyz="x")[0], nose.sel(xyz="y")[0], "o", color="black", ms=5)
    axis.plot(0, 0, "+", color="black", ms=12)
    axis.set(xlabel="mm", ylabel="mm", aspect="equal", xlim=(-9, 9), ylim=(-9, 9))
    axis.legend(frameon=False, fontsize=9, loc="upper left")
    save(figure, "three_paths")


def stimulate_ava(scratch: Path) -> None:
    """Draw speed and command neurons while AVA gets a current."""
    folder = run(
        "experiment=worm_crawl", "duration_s=20", "video=false",
        "perturb.stimulate=[{neurons:[AVA],start_s:8,stop_s:10,current_pA:30}]", folder=scratch / "ava",
    )  # fmt: skip
    found = recording(folder)
    time, points = found["time"].values, found["landmarks"].sel(xyz=["x", "y"]).values.astype(float)
    centre, axis_of = points.mean(axis=1), points[:, :24].mean(axis=1) - points[:, -24:].mean(axis=1)
    ahead = axis_of / np.linalg.norm(axis_of, axis=1, keepdims=True)
    window = 20
    moved = (centre[window:] - centre[:-window]) / (time[window:] - time[:-window])[:, None]
    middle = slice(window // 2, len(time) - window // 2)
    figure, axes = plt.subplots(2, 1, figsize=(7, 4), sharex=True, layout="constrained")
    axes[0].plot(time[middle], (moved * ahead[middle]).sum(axis=1), color="#333")
    axes[0].axhline(0, color="#999", lw=0.8)
    axes[0].set_ylabel("speed along\nthe body, mm/s")
    for name, colour in (("AVAL", "#c4473a"), ("AVBL", "#2a9d8f")):
        axes[1].plot(time, found["activity"].sel(neuron=name), color=colour, label=name)
    axes[1].set(ylabel="mV", xlabel="time, s", xlim=(0, 20))
    axes[1].legend(frameon=False, loc="center right")
    for axis in axes:
        axis.axvspan(8, 10, color="#e07a3f", alpha=0.2, lw=0)
        axis.spines[["top", "right"]].set_visible(False)
    save(figure, "stimulate_ava")


def sweep_width(scratch: Path) -> None:
    """Draw the chemotaxis index against the width of the gradient, three seeds each."""
    widths = (2, 3, 5)
    folder = run(
        *SALT, "environment.stimulus.width_mm=2,3,5", "episodes=3", "--multirun", folder=scratch / "sweep"
    )
    figure, axis = plt.subplots(figsize=(5, 3), layout="constrained")
    for k, width in enumerate(widths):
        episodes = json.loads((folder / str(k) / "summary.json").read_text())["episodes"]
        found = [each["metrics"]["chemotaxis_index"] for each in episodes]
        axis.plot([width] * len(found), found, "o", color="#2a9d8f", alpha=0.6)
        axis.plot(width, np.mean(found), "_", color="#333", ms=24, mew=2)
    axis.set(xlabel="width of the gradient, mm", ylabel="chemotaxis index", xticks=widths, ylim=(0, 1))
    axis.spines[["top", "right"]].set_visible(False)
    save(figure, "sweep_width")


REPORTS = {
    "report_worm": SALT,
    "report_larva": ["experiment=fish_optomotor", "environment.stimulus.direction=left", "duration_s=20"],
    "report_fly": ["experiment=fly_walk", "duration_s=5"],
    "report_fly_drum": ["experiment=fly_optomotor", "environment.stimulus.direction=right"],
    "report_mouse": [
        "experiment=mouse_gaits", "controller.ramps.alpha=[[0,0.1],[10,0.7]]", "duration_s=12",
        "start.heading=0",
    ],
    "report_swim": ["experiment=worm_swim", "duration_s=20"],
}  # fmt: skip


def reports(scratch: Path) -> None:
    """Make small copies of the report of one run of every animal."""
    for name, overrides in REPORTS.items():
        folder = run(*overrides, "video=false", folder=scratch / name)
        shrink(folder / "report.png", TARGET / f"{name}.png")


def render(scratch: Path) -> None:
    """Show what four environments render, side by side."""
    import gymnasium

    import neuromech  # noqa: F401

    frames = []
    for name, steps in (("WormCrawl", 300), ("FishOptomotor", 60), ("FlyWalk", 100), ("MouseGaits", 2)):
        env = gymnasium.make(f"neuromech/{name}-v0", render_mode="rgb_array", width=480, height=360)
        env.reset(seed=1)
        env.action_space.seed(1)
        for _ in range(steps):
            env.step(0.05 * env.action_space.sample())
        frames.append(np.asarray(env.render()))
        env.close()
    Image.fromarray(np.concatenate(frames, axis=1)).save(scratch / "render.png")
    shrink(scratch / "render.png", TARGET / "render.png", 1400, photo=True)


def rat(scratch: Path) -> None:
    """Show the rodent of dm_control on our floor."""
    import gymnasium

    import neuromech  # noqa: F401

    env = gymnasium.make(
        "neuromech/MouseGaits-v0", overrides=["body=rat", "controller=random"], render_mode="rgb_array",
        width=720, height=420,
    )  # fmt: skip
    env.reset(seed=1, options={"heading": 200})
    for _ in range(20):
        env.step(0 * env.action_space.sample())
    Image.fromarray(np.asarray(env.render())).save(scratch / "rat.png")
    shrink(scratch / "rat.png", TARGET / "rat.png", photo=True)
    env.close()


def comparison(scratch: Path) -> None:
    """Show the head of the page that a comparison leaves; needs Chromium, and the recording of the worm."""
    folder = run(
        "experiment=worm_crawl", "duration_s=60", "episodes=2", "video=false", folder=scratch / "crawl"
    )
    animal = ["animal=wormpose_sample_features", "skip_s=5"]
    command = [sys.executable, "-m", "neuromech", "compare", "--quiet", f"simulation={folder}", *animal]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shot = scratch / "comparison.png"
    options = ["--headless=new", "--no-sandbox", "--hide-scrollbars", "--window-size=1200,1200"]
    page = (folder / "comparison.html").as_uri()
    subprocess.run(["chromium", *options, f"--screenshot={shot}", page], check=True, capture_output=True)
    Image.open(shot).crop((40, 112, 1160, 1080)).save(shot)
    shrink(shot, TARGET / "comparison_worm.png")


def adjacency(scratch: Path) -> None:
    """Draw the worm's wiring as three matrices, neurons sorted by type."""
    import pandas as pd

    folder = Path(__file__).resolve().parents[2] / "controllers" / "worm_connectome"
    neurons = pd.read_csv(folder / "neurons.csv").sort_values(["type", "name"])
    names = list(neurons["name"])
    table = pd.read_csv(folder / "connections.csv")
    figure, axes = plt.subplots(1, 2, figsize=(9, 4.6), layout="constrained")
    for axis, kind in zip(axes, ("chemical", "gap_junction"), strict=True):
        own = table[(table["kind"] == kind) & table["post"].isin(names)]
        matrix = np.zeros((len(names), len(names)))
        where = {name: k for k, name in enumerate(names)}
        for pre, post, weight in zip(own["pre"], own["post"], own["weight"], strict=True):
            matrix[where[pre], where[post]] = weight
        if kind == "gap_junction":
            matrix = np.maximum(matrix, matrix.T)
        axis.imshow(np.log1p(matrix), cmap="Greys", interpolation="nearest")
        edges = np.flatnonzero(np.array(neurons["type"][1:]) != np.array(neurons["type"][:-1])) + 0.5
        for edge in edges:
            axis.axhline(edge, color="#e07a3f", lw=0.7)
            axis.axvline(edge, color="#e07a3f", lw=0.7)
        middles = np.convolve(np.concatenate([[-0.5], edges, [len(names) - 0.5]]), [0.5, 0.5], "valid")
        kinds = list(dict.fromkeys(neurons["type"]))
        axis.set_yticks(middles, kinds, rotation=90, va="center", fontsize=8)
        axis.set_xticks(middles, kinds, fontsize=8)
        axis.set(title=kind.replace("_", " "), xlabel="to" if kind == "chemical" else "", ylabel="from")
    save(figure, "adjacency_worm")


def fly_manc(scratch: Path) -> None:
    """Draw the walking circuit of a fly's leg."""
    import cord_picture

    save(cord_picture.cord(), "fly_manc")


def scorecard(scratch: Path) -> None:
    """Show the worm's card, as `make controls` has left it."""
    card = TARGET.parents[1] / "validation" / "evaluations" / "worm" / "scorecard.png"
    if not card.is_file():
        raise SystemExit(f"{card} is missing: `neuromech evaluate evaluation=worm` makes it")
    shrink(card, TARGET / "scorecard.png", width=900)


PICTURES: dict[str, Callable[[Path], None]] = {
    "three_paths": three_paths,
    "stimulate_ava": stimulate_ava,
    "sweep_width": sweep_width,
    "reports": reports,
    "render": render,
    "rat": rat,
    "comparison": comparison,
    "adjacency": adjacency,
    "fly_manc": fly_manc,
    "scorecard": scorecard,
}


def main() -> None:
    """Draw the named pictures, or all."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or PICTURES:
        with tempfile.TemporaryDirectory() as scratch:
            PICTURES[name](Path(scratch))
        print(name)


if __name__ == "__main__":
    main()
