from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from neuromech._lib import files


def test_a_text_replaces_the_former_one_and_ends_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("before")
    files.write_text(path, "µ: 1")
    assert path.read_bytes() == "µ: 1\n".encode()
    files.write_text(path, "two\n")
    assert path.read_text() == "two\n" and os.listdir(tmp_path) == ["a.yaml"]


def test_a_text_with_the_odd_bytes_of_a_file_name_is_written(tmp_path: Path) -> None:
    files.write_text(tmp_path / "a.html", os.fsdecode(b"from \xff.csv"))
    assert (tmp_path / "a.html").read_text() == "from ?.csv\n"


def test_a_write_that_fails_leaves_the_former_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_text("before")
    with pytest.raises(OSError, match="disk full"), files.replacing(path) as part:
        assert part.suffix == ".png" and part.parent == tmp_path
        part.write_text("af")
        raise OSError("disk full")
    assert path.read_bytes() == b"before" and os.listdir(tmp_path) == ["a.png"]


def test_a_kill_leaves_the_former_file(tmp_path: Path) -> None:
    script = (
        "import os, signal; from pathlib import Path; from neuromech._lib.files import replacing\n"
        "with replacing(Path('a.txt')) as part:\n"
        "    part.write_text('af'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    (tmp_path / "a.txt").write_text("before")
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=False)
    assert done.returncode == -signal.SIGKILL and (tmp_path / "a.txt").read_text() == "before"
