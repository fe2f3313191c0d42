"""An episode with all that was done in it, as YAML and as a command line that repeat it to the last bit."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from neuromech._lib.errors import InputError
from neuromech.specs import compose, keywords
from neuromech.specs.checking import plain
from neuromech.specs.run import Run, dump

_LEFT_OUT = ("experiment", "output", "video", "episodes")
"""Keys that do not say what happens in an episode."""


def as_yaml(run: Run) -> str:
    """Return the YAML of a run: saved as DIR/config.yaml, `neuromech run --config-dir DIR` repeats it."""
    head = (
        f"# {run.experiment}, as it was changed while it was watched. Save this text as DIR/config.yaml;\n"
        "# then\n"
        "#   neuromech run --config-dir DIR\n"
        "# repeats it, with every act at its time.\n"
    )
    return head + dump(run)


def as_command(run: Run) -> str:
    """Return the command line that repeats a run: its experiment, and every key that differs from its file.

    Raises
    ------
    InputError
        The run was put together in Python, and no experiment has its name: only the YAML can repeat it.
    """
    base = compose.load_run([f"experiment={run.experiment}"])
    own, usual = plain(run), plain(base)
    texts: list[str] = []
    for section in ("body", "environment", "controller"):
        if own[section]["name"] != usual[section]["name"]:
            texts.append(f"{section}={own[section]['name']}")
    if texts:  # another environment has other keys: what is set over those is compared with its own
        usual = plain(compose.load_run([f"experiment={run.experiment}", *texts]))
    for key, value in _differences(own, usual):
        texts += keywords.overrides({key: _written(key, value)})
    words = ["neuromech", "run", f"experiment={run.experiment}", *texts, "video=false"]
    return " ".join(shlex.quote(word) for word in words)


def command_or_reason(run: Run) -> str:
    """Return the command line that repeats a run, or why there is none."""
    try:
        return as_command(run)
    except InputError as error:
        return f"# no command line repeats it, use the YAML: {error}"


def _differences(
    own: Mapping[str, Any], usual: Mapping[str, Any], above: str = ""
) -> Iterator[tuple[str, Any]]:
    """Yield the dotted keys in which a tree differs from another, with its values; lists as a whole."""
    for key, value in own.items():
        if not above and key in _LEFT_OUT:
            continue
        before, name = usual.get(key), f"{above}{key}"
        if isinstance(value, Mapping) and isinstance(before, Mapping) and value:
            yield from _differences(value, before, f"{name}.")
        elif value != before:
            yield name, value


def _written(key: str, value: Any) -> Any:
    """Return windows without what they do not say, so that the command line is one that a person writes."""
    if key not in ("perturb.silence", "perturb.stimulate", "environment.changes"):
        return value
    unsaid: tuple[Any, ...] = (None, {}, 0.0) if key.startswith("perturb") else (None, {})
    return [
        {name: each for name, each in item.items() if name in ("start_s", "at_s") or each not in unsaid}
        for item in value
    ]
