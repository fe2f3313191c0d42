"""Make the previews of this folder again: python videos/make_gallery.py."""

import tempfile
from pathlib import Path

from neuromech import recording
from neuromech.compose import load_run
from neuromech.experiment import run_experiment
from neuromech.render.video import write_gif
from neuromech.world import World

HERE = Path(__file__).resolve().parent
GALLERY = {
    "worm_chemotaxis": ("experiment=worm_chemotaxis", "duration_s=72"),
    "fish_optomotor": (
        "experiment=fish_optomotor", "duration_s=4", "environment.stimulus.frame=world", "start.heading=90",
    ),
}  # fmt: skip


def main() -> None:
    """Run every experiment of the gallery and write its preview."""
    for name, overrides in GALLERY.items():
        with tempfile.TemporaryDirectory() as folder:
            run = load_run([*overrides, "video=false", f"output={folder}/run"])
            episode = run_experiment(run) / "episode_000.nc"
            model = World(run.body, run.environment, run.clock).model
            dataset = recording.load(episode)
            eyes = {sense: spec for sense, spec in run.body["senses"].items() if spec["kind"] == "eye"}
            write_gif(
                dataset, model, HERE / f"{name}.gif", skin=run.body.get("skin"), eyes=eyes, progress=True
            )


if __name__ == "__main__":
    main()
