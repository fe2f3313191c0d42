"""What the command line prints when all is well."""

import subprocess
import sys

import pytest

from neuromech import __version__
from neuromech.cli import main


@pytest.mark.parametrize(
    "command",
    [[], ["run"], ["fit"], ["train"], ["compare"], ["video"], ["data"], ["list"]],
    ids=lambda c: "".join(c) or "neuromech",
)
def test_help_is_short_and_has_examples(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([*command, "--help"]) == 0
    text = capsys.readouterr().out
    assert "examples:" in text and "neuromech run" in text or f"neuromech {command[0]}" in text
    assert len(text.splitlines()) <= 40


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--version"]) == 0
    assert capsys.readouterr().out == f"neuromech {__version__}\n"


def test_list_names_the_content(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["list"]) == 0
    text = capsys.readouterr().out
    for name in ("worm", "agar_salt", "worm_connectome", "worm_chemotaxis"):
        assert f"\n  {name} " in text
    assert main.main(["list", "neurons"]) == 0
    neurons = [line.split()[-1] for line in capsys.readouterr().out.splitlines()]
    assert neurons.count("worm_connectome") == 302
    assert neurons.count("fish_optomotor") == 114


def test_the_configuration_of_a_job(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["run", "experiment=worm_crawl", "-m", "seed=3,4", "--cfg", "job"]) == 0
    text = capsys.readouterr().out
    assert "seed: 3" in text and "seed: 4" in text and text.count("---") == 1


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from neuromech import cli; cli.main(['run', '--help']);"
        "print([m for m in ('jax', 'mujoco', 'hydra', 'matplotlib', 'numba')"
        " if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_environments_are_registered() -> None:
    import gymnasium

    for name in ("WormChemotaxis", "WormCrawl", "WormSwim"):
        assert f"neuromech/{name}-v0" in gymnasium.registry
