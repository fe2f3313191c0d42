from neuromech._lib.errors import InputError, nearest, unknown


def test_nearest_ignores_case_and_puts_the_best_first() -> None:
    assert nearest("aval", ["AVAR", "DB1", "AVAL"])[0] == "AVAL"


def test_unknown_names_valid_ones_even_when_nothing_is_near() -> None:
    assert str(unknown("body", "qqq", ["worm", "fly"])) == "unknown body 'qqq'; there are fly, worm"
    assert str(unknown("body", "worn", ["worm", "fly"])) == "unknown body 'worn'; nearest: worm"
    assert str(unknown("body", "worm", [])) == "unknown body 'worm'; there are none"


def test_what_a_file_says_cannot_break_the_line_nor_command_the_terminal() -> None:
    said = str(InputError("no keypoint 'a\nb\x1b[2J\udcff' in d\u00e9j\u00e0 vu.csv, 0.01 \u00b5m"))
    assert said == "no keypoint 'a\\nb\\x1b[2J\\udcff' in d\u00e9j\u00e0 vu.csv, 0.01 \u00b5m"


def test_a_long_line_loses_its_middle_and_keeps_what_to_do() -> None:
    said = str(InputError(f"a.csv has the keypoints {', '.join(['nose'] * 9999)}; say which are the midline"))
    assert len(said) == 1000 and said.startswith("a.csv has") and said.endswith("say which are the midline")
    assert len(str(unknown("body", "a" * 5000, ["worm"]))) < 200
