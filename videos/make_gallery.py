"""Make the previews of this folder again: python videos/make_gallery.py [NAME ...]."""

import sys
import tempfile
from pathlib import Path

from neuromech.experiment.episodes import film, run_experiment
from neuromech.specs.compose import load_run

HERE = Path(__file__).resolve().parent
GALLERY = {
    "worm_chemotaxis": ("experiment=worm_chemotaxis", "duration_s=72"),
    "fish_optomotor": (
        "experiment=fish_optomotor", "duration_s=3", "environment.stimulus.frame=world", "start.heading=90",
        "seed=3",
    ),
    "fish_looming": (
        "experiment=fish_looming", "duration_s=2.6", "environment.stimulus.l_v_s=0.1",
        "environment.stimulus.start_s=1.2",
    ),
    "fish_decision": (
        "experiment=fish_dots", "duration_s=5", "environment.stimulus.start_s=1.5",
        "controller.display.traces=[iMIe_L,iMIe_R,cMI_L,cMI_R,SMIe_L,SMIe_R,ARTRm_L,ARTRm_R]",
    ),
    "fly_odour": (
        "experiment=fly_odour", "environment=odour_plume", "duration_s=3.5", "environment.stimulus.draw=107",
        "start.x_mm=-25", "start.y_mm=0", "start.heading=60",
    ),
    "mouse_gaits": (
        "experiment=mouse_gaits", "duration_s=3.2", "start.heading=0",
        "controller.ramps.alpha=[[0,0.1],[1.2,0.1],[1.8,0.5]]",
    ),
}  # fmt: skip


def main() -> None:
    """Run the named experiments of the gallery, or every one, and write their previews."""
    for name in sys.argv[1:] or GALLERY:
        overrides = GALLERY[name]
        with tempfile.TemporaryDirectory() as folder:
            run = load_run([*overrides, "video=false", f"output={folder}/run"])
            film(run, run_experiment(run) / "episode_000.nc", HERE / f"{name}.gif")


if __name__ == "__main__":
    main()
