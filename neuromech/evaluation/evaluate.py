"""Put controllers through an evaluation, from Python: `neuromech.evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from neuromech._lib import dask_cluster
from neuromech._lib.errors import InputError
from neuromech._lib.files import as_path, make_folder
from neuromech._lib.numbers import whole
from neuromech.evaluation import declarations
from neuromech.evaluation import keyword_kinds as kinds
from neuromech.evaluation.earlier_rows import with_earlier
from neuromech.evaluation.engine import Engine
from neuromech.evaluation.questions import Contender, Question, ask, contenders
from neuromech.evaluation.results_store import ResultsStore
from neuromech.evaluation.scorecard import Card, Scorecard, by_seed
from neuromech.evaluation.verdicts import judge
from neuromech.specs import content
from neuromech.specs import evaluation as specs
from neuromech.specs.evaluation_parts import MOST_SEEDS

RESULTS = "results"
"""The folder, inside that of an evaluation, with a file for every question that was asked."""


def evaluate(
    name: str,
    *,
    controller: Any = None,
    rows: Sequence[str] | str = (),
    seeds: int | None = None,
    output: Path | str | None = None,
    cluster: str | None = None,
    workers: int | None = None,
    afresh: bool = False,
    progress: bool = False,
    config_dirs: Sequence[Path | str] = (),
) -> Scorecard:
    """Put one or several controllers through an evaluation, or go on where an earlier call stopped.

    Parameters
    ----------
    name : a file of configs/evaluation, or the path of such a file.
    controller : who stands in the place of the evaluation's own controllers: the name of a folder of
        controllers/, what `functions` returns, an object with `reset` and `act`; a list of these, or
        {name: one of these}, which are shown side by side. An object is named "mine". Rows that cannot be
        asked of it, as ablations of neurons that it has not, say so. An evaluation with variants takes none.
    rows : only these rows (or this one), and those that they are judged against, are played. Others are shown
        if they were played earlier, with a mark where another state of the program or content did.
    seeds : in place of the number of episodes that the evaluation says.
    output : the folder; evaluations/NAME if left out. Finished episodes in it are not played again.
    cluster : None for the cores of this machine, `tcp://HOST:PORT` for a scheduler of Dask that runs, or
        the name of a queueing system ("slurm", "pbs" ...), as dask-jobqueue's own file configures it.
    workers : how many are started; one for each core if left out.
    afresh : whether all episodes are played again.
    progress : whether to show a progress bar, with the time that is left.
    config_dirs : folders of configurations of one's own.

    Returns
    -------
    the card. scorecard.json, scorecard.html and scorecard.png lie in its folder.

    Raises
    ------
    InputError
        A name, the kind of a value or the file is wrong, a row cannot be played, or the extra `evaluate` is
        not installed.

    Examples
    --------
    >>> import neuromech as nm
    >>> nm.evaluate("wrom")
    Traceback (most recent call last):
        ...
    neuromech._lib.errors.InputError: unknown evaluation 'wrom'; nearest: worm
    """
    folders = kinds.folders("config_dirs", config_dirs)
    afresh, progress = kinds.truth("afresh", afresh), kinds.truth("progress", progress)
    if seeds is not None:
        seeds = whole("seeds", seeds, least=1, most=MOST_SEEDS)
    dask_cluster.check(cluster, workers)
    spec = specs.load(kinds.text("name", name), folders)
    rows, spec = kinds.names("rows", rows), specs.replaced(spec, (), seeds)
    chosen = specs.replaced(spec, rows)
    folder = Path("evaluations") / Path(name).stem if output is None else as_path("output", output)
    who = contenders(controller, spec.variants)
    asked = {each.name: ask(chosen, each, folders) for each in who}
    refused = {name: _check(questions) for name, questions in asked.items()}
    stem = Path(name).stem
    make_folder(folder)
    store = ResultsStore(folder / RESULTS)
    todo = [each for name, some in asked.items() for each in some if each.key not in refused[name]]
    if afresh:
        for each in todo:
            store.forget(each)
    played, not_asked = _work(todo, store, cluster, workers, progress)
    known, older = with_earlier(spec, asked, who, folders, store) if rows else (asked, frozenset())
    cards = {}
    for whose, questions in known.items():
        results = {each.key: store.values(each) for each in questions if each.key not in refused[whose]}
        why = refused[whose] | {
            each.key: not_asked[each.address] for each in questions
            if each.key not in refused[whose] and each.address in not_asked
        }  # fmt: skip
        shown = whose or _own_name(questions)
        told = {
            each.key: text
            for each in questions
            if each.key in results and (text := store.told(each) or by_seed(each.row, results[each.key]))
        }
        verdicts = judge(questions, results, why)
        cards[shown] = Card(shown, verdicts, results, declarations.of(questions[0]), told, older)
    card = Scorecard(stem, spec.title, spec.about, folder, cards, played)
    _write(card)
    return card


def _check(questions: Sequence[Question]) -> dict[str, str]:
    """Return why rows cannot be asked of a controller, before anything is played."""
    found: dict[str, str] = {}
    for question in questions:
        own = Question(question.key, question.row, Contender(), question.config_dirs, question.seeds)
        own.check()  # what is wrong in the file itself is an error whoever is evaluated
        who = question.contender
        if who.overrides:
            question.check()
        if who.folder:
            content.find("controllers", who.name, question.config_dirs)
            try:
                question.check()
            except InputError as error:
                found[question.key] = str(error).removeprefix(f"rows.{question.key}: ")
    return found


def _work(
    questions: Sequence[Question],
    store: ResultsStore,
    cluster: str | None,
    workers: int | None,
    progress: bool,
) -> tuple[int, dict[str, str]]:
    """Have played what is not in the store yet; return how many episodes and why some could not be."""
    if not any(store.missing(each) or store.first_outdated(each) is not None for each in questions):
        return 0, {}
    with dask_cluster.client(cluster, workers) as client:
        engine = Engine(client, store, progress)
        engine.work(questions)
        return engine.played, engine.refused


def _own_name(questions: Sequence[Question]) -> str:
    names = dict.fromkeys(each.first.controller.name for each in questions if not each.floor)
    return ", ".join(names) or "the evaluation's own"


def _write(card: Scorecard) -> None:
    from neuromech.evaluation import scorecard_page, scorecard_plot

    card.write_json()
    scorecard_plot.write(card)
    scorecard_page.write(card)
