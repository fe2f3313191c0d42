"""A window on a session or a recording, as Python and notebooks hold it."""

from __future__ import annotations

import html
import time
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuromech._lib.errors import InputError
from neuromech._lib.files import write_text
from neuromech.specs.run import Run
from neuromech.viewer.session import Session
from neuromech.visuals.window import has_display

HEIGHT_PX = 940
"""Height of the window in a notebook's cell."""


class Window:
    """A running loop that browsers show, and that one can act on from Python, too.

    `url` is its address, which holds a token. `session` is the loop: `play`, `pause`, `step`, `reset`,
    `set_speed`, `do`, `saved`. A notebook shows the window in the cell. It is there until `close`.

    Parameters
    ----------
    run : what is played.
    controller : in place of the run's own.
    host : where the server listens; other machines reach it only if this is another than the usual one.
    port : of the server, 0 for a free one.
    speed : simulated seconds per second to begin with, None for as fast as it can.

    Raises
    ------
    InputError
        The extra `view` is not installed, something in the run is wrong, or the port cannot be had.
    """

    def __init__(
        self, run: Run, controller: Any = None, *, host: str = "127.0.0.1", port: int = 0,
        speed: float | None = 1.0,
    ) -> None:  # fmt: skip
        try:
            from neuromech.viewer.server import Server, check_installed

            check_installed()
        except ImportError:
            raise InputError("a window needs websockets: pip install 'neuromech[view]'") from None
        self.session = Session(run, controller, speed)
        try:
            self._server = Server(self.session, host, port)
        except BaseException:
            self.session.close()
            raise

    @property
    def url(self) -> str:
        """The address of the page, with the token without which nobody gets it."""
        return self._server.url

    def open_browser(self) -> bool:
        """Open the page in this machine's browser; False where there is none."""
        return has_display() and webbrowser.open(self.url)

    def wait(self, check: Callable[[], object] = lambda: None) -> None:
        """Wait until the session ends, or `check`, which is called now and then, raises."""
        while not self.session.closed:
            time.sleep(0.1)
            check()

    def close(self) -> None:
        """End loop and server; it may be called twice."""
        self._server.close()
        self.session.close()

    def __enter__(self) -> Window:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _repr_html_(self) -> str:
        return (
            f'<iframe src="{html.escape(self.url)}" width="100%" height="{HEIGHT_PX}" title="neuromech: '
            f'{html.escape(self.session.described["experiment"])}" style="border:0"></iframe>'
        )


@dataclass(frozen=True)
class RecordedPage:
    """A recording as a page that needs no server; a notebook shows it in the cell.

    `text` is the page's HTML, with everything that it shows in it.
    """

    text: str
    name: str

    def save(self, path: Path | str) -> Path:
        """Write the page to a file and return its path."""
        path = Path(path)
        write_text(path, self.text)
        return path

    def _repr_html_(self) -> str:
        page = html.escape(self.text)
        return (
            f'<iframe srcdoc="{page}" width="100%" height="{HEIGHT_PX}" '
            f'title="neuromech: {html.escape(self.name)}" style="border:0"></iframe>'
        )

    def __repr__(self) -> str:
        return f"RecordedPage({self.name!r}, {len(self.text) / 1e6:.1f} MB)"
