"""The server of a window: who is let in, what a message can do, and what a flood cannot."""

from __future__ import annotations

import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.specs.compose import load_run
from neuromech.viewer import messages
from neuromech.viewer.window import Window

connect = pytest.importorskip("websockets.sync.client").connect


@pytest.fixture(scope="module")
def window() -> Iterator[Window]:
    with Window(load_run(["experiment=worm_chemotaxis", "seed=3"]), speed=None) as opened:
        yield opened


def socket(window: Window, token: str | None = None, origin: str | None = None) -> Any:
    host = f"127.0.0.1:{window._server.port}"
    key = window._server.token if token is None else token
    return connect(
        f"ws://{host}/socket?token={key}", origin=origin or f"http://{host}", max_size=None, close_timeout=0.2
    )


def say(page: Any, word: str, **keys: Any) -> None:
    page.send(json.dumps({"say": word, **keys}))


def heard(page: Any, key: str, seconds: float = 20.0) -> Any:
    """Return what a page is told next under a key."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        told = page.recv(timeout=seconds)
        if isinstance(told, str) and key in (tree := json.loads(told)):
            return tree[key]
    raise AssertionError(f"nothing was said of {key}")


def answer(url: str, **headers: str) -> tuple[int, str, Any]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as response:
            return response.status, response.read().decode(), response.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


def test_only_the_page_is_served_and_only_with_the_token(window: Window) -> None:
    status, page, headers = answer(window.url)
    assert status == 200 and "<canvas" in page and "://" not in page.split("<body>")[0]
    assert (
        "default-src 'none'" in headers["Content-Security-Policy"] and headers["Cache-Control"] == "no-store"
    )
    base = window.url.partition("?")[0]
    for url in (base, f"{base}?token=", f"{base}?token=x", window.url[:-1]):
        assert answer(url)[0] == 403, url
    for path in ("etc/passwd", "../pyproject.toml", "page/main.js", "%2e%2e/", "socket/x"):
        assert answer(f"{base}{path}?token={window._server.token}")[0] == 404, path
    assert answer(window.url, Host="evil.example")[0] == 403  # a name that somebody pointed to this machine


@pytest.mark.parametrize(
    "wrong", [{"token": ""}, {"token": "x" * 32}, {"origin": "http://evil.example"}, {"origin": "null"}]
)
def test_the_socket_is_for_the_page_alone(window: Window, wrong: dict[str, str]) -> None:
    with pytest.raises(Exception, match="403"), socket(window, **wrong):
        pass


def test_a_page_sees_and_acts_and_a_second_one_watches(window: Window) -> None:
    with socket(window) as page, socket(window) as other:
        scene = heard(page, "scene")
        assert scene["brain"]["names"][0] == "ADAL" and len(scene["brain"]["names"]) == 302
        picture = next(each for each in page if isinstance(each, bytes))
        size = int.from_bytes(picture[:4], "little")
        assert size == 4 * sum(part[1] for part in scene["layout"].values()) and len(picture) > size + 4
        say(page, "step", periods=5)
        say(page, "do", act="stimulate", keys={"neurons": ["AVA"], "current_pA": 5.0})
        say(page, "save")
        saved = heard(page, "saved")
        assert "current_pA: 5.0" in saved["yaml"] and "perturb.stimulate" in saved["command"]
        say(other, "play")
        assert "watches" in heard(other, "refused") and not window.session.playing
    window.session.reset()


def nonsense(seed: int) -> str | bytes:
    """Return a message that nobody would send."""
    draw = random.Random(seed)
    words = ["play", "do", "step", "speed", "save", "reset", "__class__", "", "\x00", "é" * 50, "1e999"]
    values: list[Any] = [
        None,
        True,
        -1,
        1e308,
        "x",
        [],
        {},
        [[[]]],
        {"a": {"b": 1}},
        "__import__('os')",
        10**40,
    ]
    kind = seed % 6
    if kind == 0:
        return bytes(draw.randrange(256) for _ in range(draw.randrange(60)))
    if kind == 1:
        return "".join(chr(draw.randrange(32, 0x3000)) for _ in range(draw.randrange(80)))
    if kind == 2:
        return json.dumps(draw.choice(values))
    if kind == 3:
        return "[" * 5000
    keys = {draw.choice(["say", "act", "keys", "seed", "times", "periods"]): draw.choice([*words, *values])
            for _ in range(3)}  # fmt: skip
    return json.dumps({"say": draw.choice(words), **keys} if kind == 4 else keys)


def test_no_message_without_sense_is_taken_for_one() -> None:
    for seed in range(1000):
        message = nonsense(seed)
        try:
            read = messages.read(message)
        except InputError as error:
            assert "\n" not in str(error)
        else:
            assert isinstance(message, str) and json.loads(message)["say"] in messages.WORDS, read


def test_malformed_messages_and_a_flood_leave_the_run_whole(window: Window) -> None:
    session = window.session
    session.pause()
    session.reset(7)
    session.step(20)
    expected = np.frombuffer(session.picture.row, np.float32).copy()
    session.reset(7)
    for seed in range(0, 200, 50):
        with socket(window) as page:
            for k in range(50):
                page.send(nonsense(seed + k) if (seed + k) % 6 != 4 else "{}")
            assert heard(page, "refused")
    with socket(window) as page:
        try:
            for _ in range(10_000):
                page.send('{"say": "save", "extra": 1}')
        except Exception as error:  # cut off in the middle of it
            assert "1008" in str(error) or "closed" in str(error).lower()
    with socket(window) as page:
        while not heard(page, "status")["drives"]:  # as soon as the flood's socket is closed
            pass
    session.step(20)
    assert np.array_equal(np.frombuffer(session.picture.row, np.float32), expected)


def test_a_page_that_is_closed_leaves_the_loop_running(window: Window) -> None:
    with socket(window) as page:
        say(page, "play")
        while not heard(page, "status")["playing"]:
            pass
    before = window.session.time_s
    time.sleep(0.3)
    assert window.session.playing and window.session.time_s > before and window.session.watchers == 0
    window.session.pause()


def test_a_port_that_is_taken_is_one_line(window: Window) -> None:
    with pytest.raises(InputError, match="cannot listen on 127.0.0.1"):
        Window(load_run(["experiment=worm_chemotaxis", "seed=3"]), port=window._server.port)
