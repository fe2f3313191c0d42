"""comparison.json and comparison.html: one file each, with everything in it."""

from __future__ import annotations

import base64
import html
import json
import re
from pathlib import Path

from matplotlib.figure import Figure

from neuromech import __version__
from neuromech._lib.errors import InputError
from neuromech._lib.files import write_text
from neuromech.comparison import plots, table
from neuromech.comparison.baselines import TITLES
from neuromech.comparison.compare import Comparison, as_json
from neuromech.tracking.similarity import score

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#22262e;max-width:1080px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin-bottom:.2rem} h2{font-size:1.1rem;margin-top:2.2rem}
p.small,li,td,th{font-size:.88rem} p.small{color:#5b6270} img{max-width:100%;display:block}
table{border-collapse:collapse;width:100%}
td,th{padding:.25rem .5rem;text-align:right;border-bottom:1px solid #e4e7ec}
td{white-space:nowrap} td:first-child,th:first-child{text-align:left} .key b{padding:0 .35rem 0 .8rem}
"""


def write(found: Comparison, folder: Path) -> list[Path]:
    """Write both files into `folder` and return their paths.

    Raises
    ------
    InputError
        The folder cannot be written to.
    """
    texts = {
        "comparison.json": json.dumps(as_json(found), indent=1),
        "comparison.html": page(found),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            write_text(folder / name, text)
    except OSError as error:
        raise InputError(f"cannot write to {folder}: {error.strerror or error}") from None
    return [folder / name for name in texts]


def page(found: Comparison) -> str:
    """Return the page, figures and all, as one piece of HTML that loads nothing."""
    names = ", ".join(Path(each).name for each in found.animals)
    lines = table.verdict(found)
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        f"<title>Simulated beside recorded: {html.escape(names)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>How like the animal is the simulation?</h1><p class='small'>simulation "
        f"{html.escape(found.simulation)}; animal {html.escape(names)}</p>",
        _key(found),
    ]
    if not found.why_no_score:
        parts.append(_image(plots.score(found), "the score between its floor and its ceiling"))
    parts.append("<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in lines) + "</ul>")
    parts.append(
        "<h2>Feature by feature</h2><p class='small'>Dashed: medians. Distance in spreads of the animal.</p>"
    )
    parts.append(_image(plots.distributions(found), "distributions of every feature"))
    for title, about, figure in (
        ("Postures", "Time spent in the plane of the animal's own two largest components of posture.",
         plots.postures(found)),
        ("Rhythm and memory", "", plots.courses(found)),
        ("States", "Shares of time, and the probability of the next state.", plots.states(found)),
    ):  # fmt: skip
        if figure is not None:
            parts += [f"<h2>{title}</h2><p class='small'>{about}</p>", _image(figure, title)]
    parts += ["<h2>Numbers</h2>", _table(found), "<h2>What the score is</h2>", _definition()]
    parts.append(
        f"<p class='small'>Made by neuromech {__version__}; the same numbers are in comparison.json.</p>"
    )
    return "\n".join([*parts, "</body></html>"])


def _key(found: Comparison) -> str:
    colours = {"animal": plots.ANIMAL, "simulation": plots.SIMULATED}
    colours |= {TITLES[name]: plots.FLOORS[name] for name in found.floors}
    marks = "".join(f"<b style='color:{colour}'>&#9632;</b>{name}" for name, colour in colours.items())
    return f"<p class='small key'>{marks}</p>"


def _image(figure: Figure, about: str) -> str:
    data = base64.b64encode(plots.png(figure)).decode()
    return f"<img alt='{html.escape(about)}' src='data:image/png;base64,{data}'>"


def _table(found: Comparison) -> str:
    head, *body = table.rows(found)
    cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in body
    )
    return f"<table><tr>{cells}</tr>{rows}</table>"


def _definition() -> str:
    parts = []
    for paragraph in (score.__doc__ or "").strip().split("\n\n")[1:]:
        first, *points = (html.escape(" ".join(each.split())) for each in re.split(r"(?:^|\n)- ", paragraph))
        parts += [f"<p class='small'>{first}</p>"] if first else []
        parts += ["<ul>" + "".join(f"<li>{point}</li>" for point in points) + "</ul>"] if points else []
    return "".join(parts)
