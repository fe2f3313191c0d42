"""YAML from strangers and from other editors: plain data, of bounded size, in any known encoding."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromech._lib import interrupts
from neuromech._lib.errors import InputError
from neuromech.cli import main
from neuromech.specs import compose, hydra_files, yaml_files
from neuromech.specs.yaml_files import dump_yaml, parse, read_yaml

CRAWL = """# @package _global_
title: A worm crawling, ölig.
body: worm
environment: {name: agar_salt, stimulus: {kind: none}}
controller: {name: random}
duration_s: 7.0
"""
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{last}'] * 9)}]\n"
    for last, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def write(folder: Path, data: bytes | str) -> Path:
    """Write an experiment `mine`; returns the folder of configurations."""
    file = folder / "configs/experiment/mine.yaml"
    file.parent.mkdir(parents=True)
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return folder / "configs"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_an_experiment_as_editors_save_it(encoding: str, tmp_path: Path) -> None:
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    configs = write(tmp_path, (mark + CRAWL.replace("\n", "\r\n")).encode(encoding))
    run = compose.load_run(["experiment=mine"], [configs])
    assert (run.duration_s, run.environment.stimulus.kind, run.controller.name) == (7.0, "none", "random")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (CRAWL.encode("latin-1"), "line 2 is not valid UTF-8; save the file as UTF-8"),
        (CRAWL.encode("utf-16-le"), "mine.yaml"),
        (bytes(range(128, 192)), "line 1 is not valid UTF-8"),
        (b"\xff\xfe\x00", "is not valid UTF-16"),
        (b"title: a\x00b", "mine.yaml"),
        (b"", "must hold 'key: value' lines"),
        (BOMB, "more than 200000 values once its aliases are written out"),
        ("a: &a [*a]", "*a stands within itself"),
        ("a: " + "[" * 3000, "more than 40 deep"),
        ("a: " + "1" * 6000, "mine.yaml: "),
        ("title: ${oc.env:HOME}", "title is '${oc.env:HOME}': nothing is looked up here"),
        ("body: {name: '${nobody}'}", "body.name is '${nobody}': nothing is looked up here"),
        ("title: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
        ("title: a\ntitle: b", "line 2: found duplicate key title"),
        ("? [a]\n: b", "a key must be a word"),
        ("_target_: os.system", "unknown key '_target_'"),
        ("defaults: [../../secret]", "secret"),
        ("hydra: {searchpath: [file:///]}", "unknown key 'hydra'"),
    ],
    ids=lambda value: str(value)[:24] if not isinstance(value, bytes) else None,
)
def test_what_is_refused_is_one_line_at_once(
    data: bytes | str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configs = write(tmp_path, data)
    (tmp_path / "secret.yaml").write_text("title: secret\n")
    assert main.main(["run", "experiment=mine", "--config-dir", str(configs), "--cfg", "job"]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1 and says in printed.err, printed.err


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_files, "MOST_BYTES", 1 << 20)
    configs = write(tmp_path, b"# " + b"x" * (1 << 20))
    with pytest.raises(InputError, match="larger than 1 MiB"):
        compose.load_run(["experiment=mine"], [configs])


def test_no_environment_variable_reaches_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hidden")
    for override in (
        "title='${oc.env:SECRET}'",
        "start.heading='${oc.env:SECRET}'",
        "body.title='${env:SECRET}'",
    ):
        with pytest.raises(InputError, match="nothing is looked up here"):
            compose.load_run(["experiment=worm_crawl", override])


def test_numbers_words_and_keys_are_what_yaml_1_2_says() -> None:
    text = "a: 1e-3\nb: 1_000\nc: 2024-01-02\non: off\nd: [.5, -1.e+2, 0x10]\n12: ~\ne: '1e-3'\n"
    tree = parse(text, "x.yaml")
    assert tree == {
        "a": 0.001, "b": 1000, "c": "2024-01-02", "on": False, "d": [0.5, -100.0, 16], "12": None, "e": "1e-3"
    }  # fmt: skip


words = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12).filter(lambda t: "${" not in t)
data = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | words
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(tree=st.dictionaries(words, data, max_size=5))
def test_what_is_written_is_read_back(tree: dict[str, Any]) -> None:
    assert parse(dump_yaml(tree), "x.yaml") == tree


@given(text=st.text(max_size=200))
def test_any_text_is_a_mapping_or_one_line(text: str) -> None:
    try:
        assert isinstance(parse(text, "x.yaml"), dict)
    except InputError as refused:
        assert "\n" not in str(refused)


@given(raw=st.binary(max_size=200))
def test_any_bytes_are_a_mapping_or_one_line(raw: bytes) -> None:
    try:
        assert isinstance(parse(yaml_files.decoded(raw, "x.yaml"), "x.yaml"), dict)
    except InputError as refused:
        assert "\n" not in str(refused)


def test_a_signal_that_arrives_while_composing_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    def reading(path: Path) -> dict[str, Any]:
        os.kill(os.getpid(), signal.SIGTERM)
        return read_yaml(path)

    monkeypatch.setattr(hydra_files, "read_yaml", reading)
    assert main.main(["run", "experiment=worm_crawl", "--cfg", "job"]) == 143


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_that_a_destructor_swallows_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    class Swallows:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

    def reading(path: Path) -> dict[str, Any]:
        Swallows()
        return read_yaml(path)

    monkeypatch.setattr(hydra_files, "read_yaml", reading)
    restore = interrupts.listen()
    try:
        with pytest.raises(interrupts.Terminated):
            compose.compose(["experiment=worm_crawl"])
    finally:
        restore()


def test_the_program_refuses_an_alias_bomb_at_once(tmp_path: Path, repository: Path) -> None:
    configs = write(tmp_path, BOMB)
    done = subprocess.run(
        [sys.executable, "-m", "neuromech", "run", "experiment=mine", "--config-dir", str(configs)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "200000 values" in done.stderr
