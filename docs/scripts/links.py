"""Find what is broken in the built site: links, anchors and pictures that lead nowhere, and foreign addresses
from which a page would load something.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {("script", "src"), ("img", "src"), ("video", "src"), ("source", "src"), ("iframe", "src")}
"""Tags and attributes by which a page loads something."""


class Page(HTMLParser):
    """What a page links to, what it loads, and the places in it that can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.places |= {found[name] for name in ("id", "name") if name in found}
        for name, value in found.items():
            rel = found.get("rel", "")
            if (tag, name) in LOADS or (tag == "link" and name == "href" and rel in ("stylesheet", "icon")):
                self.loads.append(value)
            elif tag == "a" and name == "href":
                self.links.append(value)


def problems(site: Path) -> list[str]:
    """Return one line for everything that is broken."""
    pages = {file: Page(file.read_text(encoding="utf-8")) for file in sorted(site.rglob("*.html"))}
    found = []
    for file, page in pages.items():
        # The page for what is not found is shown at any depth: its addresses are those of the server's root.
        if file.name == "404.html":
            continue
        where = file.relative_to(site)
        for address in page.loads:
            if urlsplit(address).netloc:
                found.append(f"{where}: loads {address}")
        for address in page.links + page.loads:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                found.append(f"{where}: {address} leads nowhere")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].places:
                found.append(f"{where}: {address} has no such place on the page")
    return found


if __name__ == "__main__":
    broken = problems(Path(sys.argv[1]).resolve())
    print("\n".join(broken) or "nothing is broken")
    sys.exit(bool(broken))
