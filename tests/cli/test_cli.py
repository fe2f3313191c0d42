"""What the command line prints when all is well."""

import subprocess
import sys
from dataclasses import fields
from importlib.metadata import EntryPoint

import pytest

from neuromech import __version__
from neuromech._lib import registry
from neuromech.cli import main, reader_options
from neuromech.cli.list import built_in
from neuromech.tracking.io.base import ReaderOptions

HEAVY = ("jax", "mujoco", "matplotlib", "numba")


@pytest.mark.parametrize(
    "command", [[], *([name] for name in main.COMMANDS)], ids=lambda c: "".join(c) or "all"
)
def test_help_is_short_and_has_examples(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([*command, "--help"]) == 0
    text = capsys.readouterr().out
    assert "examples:" in text and f"neuromech {''.join(command) or 'run'}" in text
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
    assert neurons.count("fish_optomotor") == 150


def test_list_names_what_the_registries_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["list", "learners"]) == 0
    assert {"ppo", "sac", "evolution"} <= set(capsys.readouterr().out.split())
    assert main.main(["list", "fit", "methods"]) == 0
    assert capsys.readouterr().out.split() == ["evolution", "gradient", "atlas"]


@pytest.mark.parametrize("kind", sorted(registry.HOMES))
def test_names_read_from_the_source_are_those_of_the_registry(kind: str) -> None:
    found = built_in(kind)
    assert found and found == [
        name
        for name, item in registry.registry(kind)._items.items()
        if isinstance(item, str) or name in found
    ]


def test_list_says_which_plug_in_failed_and_why(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = EntryPoint("their_package", "a_module_that_is_not_here", registry.GROUP)
    monkeypatch.setattr(registry, "_points", lambda where: (broken,))
    monkeypatch.setattr(registry, "_plugins", {})
    reason = "ModuleNotFoundError: No module named 'a_module_that_is_not_here'"
    assert main.main(["list"]) == 0
    assert f"could not be imported:\n  their_package  {reason}\n" in capsys.readouterr().out
    assert main.main(["list", "learners"]) == 0
    assert f"the plug-in their_package could not be imported: {reason}" in capsys.readouterr().err


def test_the_configuration_of_a_job(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["run", "experiment=worm_crawl", "-m", "seed=3,4", "--cfg", "job"]) == 0
    text = capsys.readouterr().out
    assert "seed: 3" in text and "seed: 4" in text and text.count("---") == 1


@pytest.mark.parametrize("command", [["--help"], ["--version"], ["list"], ["run", "--help"]], ids=" ".join)
def test_looking_around_imports_nothing_heavy(command: list[str]) -> None:
    script = (
        f"import sys; from neuromech.cli.main import main; main({command});"
        f"print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_every_option_of_the_readers_can_be_given_and_is_explained() -> None:
    options = reader_options.options()
    assert set(options) == {each.name for each in fields(ReaderOptions)} - set(reader_options.OURS)
    assert set(options) == set(reader_options.HELP) and set(options.values()) <= set(reader_options.KINDS)


def test_environments_are_registered() -> None:
    import gymnasium

    for name in ("WormChemotaxis", "WormCrawl", "WormSwim"):
        assert f"neuromech/{name}-v0" in gymnasium.registry
