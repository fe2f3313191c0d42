"""The page of a window, put together from the files in `page/`: nothing in it comes from elsewhere."""

from __future__ import annotations

import base64
import html
import json
import re
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "page"
SCRIPTS = (
    "shapes.js", "glhelp.js", "shaders.js", "picture.js", "charts.js", "brain.js", "source.js",
    "controls.js", "main.js",
)  # fmt: skip
"""The page's scripts, in the order in which they build on each other."""
MARK = re.compile(r"\{\{(\w+)\}\}")
"""What is filled in, in the page's skeleton."""
OFFLINE_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)
"""What a page on disk may load: only what is written in it."""


def live_page(nonce: str) -> str:
    """Return the page of a session; it asks the server that sent it for everything else."""
    return _page({"live": True}, nonce)


def recorded_page(about: dict[str, Any], numbers: bytes, floors: Sequence[bytes]) -> str:
    """Return a page that needs no server: a recording is written in it.

    Parameters
    ----------
    about : the scene, the times (s) and floors of its pictures, and the ends of each number's range.
    numbers : the scene's numbers of all pictures, as `recorded` packs them.
    floors : patterns of the floor that `about` refers to by their number.
    """
    data = {
        "live": False,
        "about": about,
        "numbers": _squeezed(numbers),
        "floors": [_squeezed(each) for each in floors],
    }
    return _page(data, "", OFFLINE_POLICY)


def _page(data: dict[str, Any], nonce: str, policy: str = "") -> str:
    skeleton, style, script = _parts()
    # "</script" would end the script and "<!--" would hide its end.
    given = json.dumps(data, allow_nan=False, default=float).replace("<", "\\u003c")
    title = data.get("about", {}).get("scene", {}).get("experiment", "")
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
    filled = {
        "POLICY": meta,
        "TITLE": html.escape(str(title)),
        "NONCE": f' nonce="{nonce}"' if nonce else "",
        "STYLE": style,
        "DATA": given,
        "SCRIPT": script,
    }
    # In one pass: what is filled in may itself hold such marks.
    return MARK.sub(lambda mark: filled[mark[1]], skeleton)


@lru_cache(maxsize=1)
def _parts() -> tuple[str, str, str]:
    def text(name: str) -> str:
        return (FOLDER / name).read_text(encoding="utf-8")

    return text("page.html"), text("page.css"), "\n".join(text(name) for name in SCRIPTS)


def _squeezed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, 9)).decode()
