"""The page of a card: one file of HTML that loads nothing, every row with its runs a click away."""

from __future__ import annotations

import base64
import html
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from neuromech import __version__
from neuromech._lib.files import write_text
from neuromech.comparison.plots import png
from neuromech.evaluation import scorecard_plot
from neuromech.evaluation.episode_values import Values
from neuromech.evaluation.scorecard import PAGE, Card, Scorecard, shown
from neuromech.evaluation.verdicts import Verdict

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#22262e;max-width:1080px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin-bottom:.2rem} h2{font-size:1.15rem;margin-top:2.2rem}
p.small,li,td,th,summary,pre{font-size:.88rem} p.small{color:#5b6270} img{max-width:100%;display:block}
table{border-collapse:collapse;width:100%} details{border-bottom:1px solid #e4e7ec;padding:.35rem 0}
td,th{padding:.2rem .5rem;text-align:right;border-bottom:1px solid #e4e7ec;white-space:nowrap}
td:first-child,th:first-child{text-align:left} .wide td{white-space:normal;text-align:left}
summary{cursor:pointer;display:grid;grid-template-columns:1.4rem 2fr 2fr 2fr;gap:.6rem}
pre{background:#f4f5f7;padding:.5rem;overflow-x:auto} .scroll{overflow-x:auto}
.yes{color:#2b8a57} .no{color:#c4473a} .none{color:#7b8290} b{font-weight:600}
"""
_SIGNS = {True: ("yes", "&#10003;"), False: ("no", "&#10007;"), None: ("none", "&#8211;")}
"""Class and sign by whether a row passes."""


def write(found: Scorecard) -> Path:
    """Write scorecard.html into the folder of the card; returns its path."""
    write_text(found.folder / PAGE, page(found))
    return found.folder / PAGE


def page(found: Scorecard) -> str:
    """Return the page."""
    picture = base64.b64encode(png(scorecard_plot.draw(found))).decode()
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        f"<title>{html.escape(found.title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{html.escape(found.title)}</h1><p class='small'>{html.escape(found.about)}</p>",
        f"<img alt='rows that pass, by kind and one by one' src='data:image/png;base64,{picture}'>",
    ]
    for card in found.cards.values():
        parts += _card(card, found)
    told = f"Made by neuromech {__version__}; scorecard.json holds the same numbers, results/ every episode."
    return "\n".join([*parts, f"<p class='small'>{told}</p></body></html>"])


def _card(card: Card, found: Scorecard) -> Iterator[str]:
    yield f"<h2>{html.escape(card.name)}: {html.escape(str(card.share()))} rows pass</h2>"
    shares = [[kind, str(card.share(kind))] for kind in card.kinds]
    shares.append(["all that were no goal of a fit", str(card.share(goals=False))])
    yield _table(["kind", "passes"], shares, "a row is one experiment")
    for kind in card.kinds:
        yield f"<h2>{kind}</h2>"
        for verdict in card.verdicts:
            if verdict.row.kind == kind and verdict.row.judged:
                yield _row(verdict, card)
    if references := [each for each in card.verdicts if not each.row.judged]:
        yield "<h2>references, not judged</h2>"
        yield from (_row(each, card) for each in references)
    yield "<h2>What the model is</h2>"
    rows = [[each.dimension, each.said, each.evidence] for each in card.declarations]
    yield _table(["dimension", "this model", "what shows it"], rows, "", wide=True)


def _row(verdict: Verdict, card: Card) -> str:
    row, values = verdict.row, card.results.get(verdict.key, ())
    name, sign = _SIGNS[verdict.passed]
    word = shown(verdict).strip("*")
    numbers = "; ".join(str(each) for each in verdict.numbers) or verdict.why
    fitted = " <span class='none'>(a goal of the fit)</span>" if row.goal_of_fit else ""
    head = (
        f"<summary><b class='{name}' title='{word}'>{sign}</b><span>{html.escape(row.title)}{fitted}</span>"
        f"<span>{html.escape(row.target)}</span><span>{html.escape(numbers)}</span></summary>"
    )
    said = [
        f"Judged against: {row.control}." if row.control else "",
        f"Source: {row.source}." if row.source else "",
    ]
    about = f"<p class='small'>{html.escape(' '.join(each for each in said if each))}</p>"
    text = card.told.get(verdict.key, "")
    told = f"<div class='scroll'><pre>{html.escape(text)}</pre></div>" if text else ""
    inside = f"{head}{about}{_again(verdict)}{told}{_episodes(values)}"
    return f"<details id='{html.escape(verdict.key)}'>{inside}</details>"


def _again(verdict: Verdict) -> str:
    """Return the command that plays the first episode with report and film."""
    if verdict.passed is None or verdict.question.own is not None or verdict.row.answered_by:
        return ""
    texts = " ".join(shlex.quote(text) for text in verdict.question.texts)
    command = f"neuromech run {texts} seed=0 video=true output={verdict.key}"
    return f"<p class='small'>One episode with its report and film:</p><pre>{html.escape(command)}</pre>"


def _episodes(values: Sequence[Values]) -> str:
    names = list(dict.fromkeys(name for each in values for name in each))
    rows = [
        [str(seed), *("" if each.get(name) is None else f"{each[name]:.4g}" for name in names)]
        for seed, each in enumerate(values)
    ]
    return f"<div class='scroll'>{_table(['seed', *names], rows, '')}</div>" if rows else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], note: str, wide: bool = False) -> str:
    cells = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    said = f"<p class='small'>{html.escape(note)}</p>" if note else ""
    return f"<table class='{'wide' if wide else 'narrow'}'><tr>{cells}</tr>{body}</table>{said}"
