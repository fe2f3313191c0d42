"""The tutorials run, and are written as a reader of a notebook would expect."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import scripts

ROOT = Path(__file__).resolve().parents[2]
tutorials = scripts.load(ROOT / "docs" / "scripts" / "tutorials.py")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tutorials, "FOLDER", tmp_path)
    return tmp_path


def page(folder: Path, text: str, run: bool = True) -> str:
    script = folder / "one.py"
    script.write_text(text)
    return tutorials.page(script, folder, run)


def test_a_cell_shows_what_it_prints_and_the_value_of_its_last_expression(folder: Path) -> None:
    text = "# %% [markdown]\n# # Title\n#\n# Words.\n\n# %%\nx = 2\nprint('hello')\nx + 1\n\n# %%\ny = x\n"
    found = page(folder, text)
    assert found.startswith("# Title\n\nWords.\n\n```python\nx = 2\n")
    assert "<pre><code>hello</code></pre>\n<pre><code>3</code></pre>" in found
    assert found.count('<div class="output"') == 1


def test_figures_and_pictures_become_files(folder: Path) -> None:
    code = "from matplotlib import pyplot as plt\n_ = plt.plot([0, 1])\n"
    found = page(folder, f"# %%\n{code}\n# %%\nplt.figure()\n")
    for name in ("one_1.png", "one_3.png"):
        assert f"(output/{name})" in found and (folder / "output" / name).stat().st_size > 100


def test_what_has_a_table_or_a_picture_of_itself_is_shown_so(folder: Path) -> None:
    code = "import pandas as pd\npd.DataFrame({'hertz': [0.5]})"
    assert "<th>hertz</th>" in page(folder, f"# %%\n{code}\n")
    code = "class Shown:\n    def _repr_png_(self):\n        return b'png'\n\n\nShown()"
    assert "(output/one_1.png)" in page(folder, f"# %%\n{code}\n")
    assert (folder / "output" / "one_1.png").read_bytes() == b"png"


def test_commands_run_in_the_shell_and_may_be_meant_to_fail(folder: Path) -> None:
    found = page(folder, "# %%\n# !echo one\n# !echo two\n\n# %%\n# !!ls /no/such/place\n")
    assert "```console\n$ echo one\n$ echo two\n```" in found and "<pre><code>one\ntwo</code></pre>" in found
    assert "```console\n$ ls /no/such/place\n```" in found and "No such file" in found
    with pytest.raises(RuntimeError, match="line 2: false"):
        page(folder, "# %%\n# !false\n")
    with pytest.raises(RuntimeError, match="line 2: true"):
        page(folder, "# %%\n# !!true\n")


def test_an_error_says_where_in_the_tutorial_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "one.py").write_text("# %% [markdown]\n# # Title\n\n# %%\n\nx = 1\ny = x / 0\n")
    with pytest.raises(ZeroDivisionError) as caught:
        tutorials.page(folder / "one.py", folder)
    assert caught.traceback[-1].path == folder / "one.py" and caught.traceback[-1].lineno + 1 == 7


def test_one_that_waits_is_shown_and_not_run(folder: Path) -> None:
    found = page(folder, "# waits for: neuromech.something\n# %% [markdown]\n# # Title\n\n# %%\n1 / 0\n")
    assert "1 / 0" in found and "it waits for neuromech.something" in found
    assert '<div class="output"' not in found


@pytest.mark.slow
@pytest.mark.parametrize("name", tutorials.names())
def test_tutorial(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tutorials.FOLDER / f"{name}.py"
    if tutorials.waits_for(script):
        pytest.skip(f"waits for {tutorials.waits_for(script)}")
    assert tutorials.write(name, run=True, target=tmp_path), "see what was printed"
    assert '<div class="output"' in (tmp_path / f"{name}.md").read_text()


LIMITS = {"own_brain": ("def init", 20), "own_recording": ("nm.read", 10), "only_the_connectome": ("load", 5)}
"""What the first cells that do what a tutorial is about may take: lines of code until the first result."""


@pytest.mark.parametrize("name", LIMITS)
def test_the_short_ones_are_short(name: str) -> None:
    mark, most = LIMITS[name]
    cell = next(
        c for c in tutorials.cells(tutorials.FOLDER / f"{name}.py") if c.kind == "code" and mark in c.source
    )
    lines = [
        line
        for line in cell.source.splitlines()
        if line.strip() and not line.strip().startswith(('"""', "#"))
    ]
    assert len(lines) <= most
