"""Episodes beside a recording, as a row of an evaluation."""

from pathlib import Path
from typing import Any

import pytest

from neuromech import InputError
from neuromech.evaluation.evaluate import evaluate
from neuromech.specs.yaml_files import dump_yaml


def tree(**changed: Any) -> dict[str, Any]:
    row = {
        "title": "beside a worm", "kind": "comparison", "window_s": [5, None],
        "run": {"experiment": "worm_crawl", "duration_s": 20},
        "comparison": {"measured": "wormpose_sample_features", "episodes": 2,
                       "options": {"body_length_mm": 1.0}},
        "measure": [{"metric": "place", "at_least": 0}, {"metric": "score"}, {"metric": "ceiling"},
                    {"metric": "shuffled_floor"}, {"metric": "random_floor"}],
    }  # fmt: skip
    return {"title": "t", "seeds": 1, "rows": {"beside": {**row, **changed}}}


def test_a_score_lies_between_its_floors_and_its_ceiling(data: Path, tmp_path: Path, cluster: Any) -> None:
    (tmp_path / "mine.yaml").write_text(dump_yaml(tree()))
    card = evaluate(str(tmp_path / "mine.yaml"), output=tmp_path / "card", cluster=cluster.scheduler_address)
    (verdict,) = card.card().verdicts
    place, score, ceiling, shuffled, random = (each.value for each in verdict.numbers)
    assert None not in (place, score, ceiling, shuffled, random)
    assert 0 < score < ceiling <= 1 and max(shuffled, random) < ceiling  # type: ignore[operator]
    assert place == pytest.approx((score - max(shuffled, random)) / (ceiling - max(shuffled, random)))  # type: ignore[operator,type-var]
    assert verdict.passed is (place >= 0)  # type: ignore[operator]


def test_a_recording_that_is_not_there_is_one_line(tmp_path: Path, cluster: Any) -> None:
    wrong = tree(comparison={"measured": str(tmp_path / "nowhere.h5"), "episodes": 1})
    (tmp_path / "mine.yaml").write_text(dump_yaml(wrong))
    with pytest.raises(InputError, match="rows.beside: no recording at .*nowhere.h5"):
        evaluate(str(tmp_path / "mine.yaml"), output=tmp_path / "card", cluster=cluster.scheduler_address)
