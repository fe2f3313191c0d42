"""`neuromech train`: train a controller on the reward of an experiment."""

from __future__ import annotations

from neuromech._lib.errors import InputError
from neuromech._lib.files import make_folder, user_path
from neuromech.cli import process_environment
from neuromech.cli.parsing import add_config_options, config_dirs, make_parser

EXAMPLES = """\
  neuromech train train=ppo experiment=fish_rheotaxis
  neuromech train train=ppo experiment=worm_chemotaxis learner=descending seed=1
  neuromech train train=evolution experiment=worm_chemotaxis learner=parameters
  neuromech train train=sac experiment=fish_rheotaxis steps=20000 envs=2 spawn=true output=sac
  neuromech train train=evolution experiment=worm_chemotaxis controls=true seeds=5
  neuromech run --config-dir trainings/NAME/configs experiment=fish_rheotaxis controller=NAME"""


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = make_parser(
        "train",
        "Train a controller on the reward of an experiment; can be stopped and started again.",
        EXAMPLES,
    )
    add_config_options(parser)
    options = parser.parse_intermixed_args(arguments)

    process_environment.check_jax()
    from neuromech.specs import compose

    folders = config_dirs(options)
    for key in ("train", "experiment"):
        if not any(text.startswith(f"{key}=") for text in options.overrides):
            there_are = ", ".join(compose.options(key, folders)) or "none"
            raise InputError(f"which {key}? add {key}=NAME; there are {there_are}")
    composed = compose.training(options.overrides, folders)
    if options.cfg:
        from omegaconf import OmegaConf

        print(OmegaConf.to_yaml(composed), end="")
        return 0
    if composed.get("output"):
        make_folder(user_path(str(composed["output"])))

    from neuromech.evaluation import tables_in_pages
    from neuromech.training import controls, train_spec
    from neuromech.training.train import run_train

    given = train_spec.checked(composed)
    if given.controls:
        name = f"{composed['experiment']}, {given.learner}"
        marks = f"<!-- controls {name}: made by neuromech train -->", f"<!-- /controls {name} -->"
        page = None if given.page is None else user_path(given.page)
        if page is not None:
            tables_in_pages.check(page, marks)
        folder = controls.run_controls(composed, given.seeds, folders, progress=not options.quiet)
        text = (folder / controls.PAGE).read_text(encoding="utf-8")
        print(text, end="")
        if page is not None:
            tables_in_pages.put(page, marks, text)
        print(folder)
        return 0
    print(run_train(composed, folders, progress=not options.quiet))
    return 0
