"""The server of a window: one page, one socket, a token, and nothing of the disk.

It answers `GET /` with the page and `GET /socket` with a WebSocket; both want the token of the session, and
the socket wants the page's own origin. What comes through the socket is read by `messages.read`, so that a
message is data and never code. A viewer that floods is cut off; what it did not get to say is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import secrets
import threading
import time
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from neuromech._lib.errors import InputError
from neuromech.viewer import messages
from neuromech.viewer.messages import Do, Message, Pause, Play, Reset, Save, Speed, Step
from neuromech.viewer.session import Session
from neuromech.viewer.webpage import live_page

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Hosts that only this machine can reach."""
MOST_VIEWERS = 16
"""Pages that may be open at once."""
MESSAGES_PER_S = 60.0
"""Messages of a viewer per second that are read; of more, a page's sliders need none."""
BURST = 120
"""Messages that may come at once."""
MOST_REFUSED = 500
"""Messages over that rate, or without sense, after which a viewer is cut off."""
STATUS_S = 0.25
"""How often viewers are told times, metrics and acts, s."""


def check_installed() -> None:
    """Raise `ImportError` unless `websockets`, of the extra `view`, is there in a version that serves."""
    import websockets.asyncio.server  # noqa: F401


class Server:
    """A window's server, in a thread of its own; `url` is what a browser opens.

    Parameters
    ----------
    session : what is shown.
    host : where it listens. Only this machine can reach the usual one.
    port : its port, 0 for a free one.

    Raises
    ------
    InputError
        `websockets` is not installed, or the host and port cannot be had.
    """

    def __init__(self, session: Session, host: str = LOOPBACK[0], port: int = 0) -> None:
        self.session, self.host = session, host
        self.token = secrets.token_urlsafe(24)
        self._viewers: list[_Viewer] = []
        self._ready: threading.Event = threading.Event()
        self._failed: Exception | None = None
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="neuromech window", daemon=True)
        self._thread.start()
        self._ready.wait(30)
        if self._failed is not None:
            raise InputError(f"cannot listen on {host}:{port}: {self._failed}")

    @property
    def url(self) -> str:
        """The address of the page, with the token."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self.port}/?token={self.token}"

    def close(self) -> None:
        """Send the viewers away and end the server; it may be called twice."""
        if self._thread.is_alive():
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(timeout=10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as error:  # told to whoever waits for the start
            self._failed = error
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        from websockets.asyncio.server import serve

        async with serve(
            self._viewer, self.host, self.port, process_request=self._request, compression=None,
            max_size=messages.LARGEST_BYTES, max_queue=16, close_timeout=2, server_header=None,
        ) as listening:  # fmt: skip
            self.port = next(iter(listening.sockets)).getsockname()[1]
            self.session.on_picture = self._tell_soon
            self._ready.set()
            await self._stop.wait()
            self.session.on_picture = lambda: None

    def _request(self, connection: Any, request: Any) -> Any:
        """Answer a request that is not for the socket; None lets the socket open."""
        split = urlsplit(request.path)
        if split.path not in ("/", "/socket"):
            return _answer(HTTPStatus.NOT_FOUND, "there is only one page here\n")
        if not self._knows(parse_qs(split.query).get("token", [""])[0]):
            return _answer(HTTPStatus.FORBIDDEN, "the address lacks this session's token\n")
        if not self._is_host(request.headers.get("Host", "")):
            return _answer(HTTPStatus.FORBIDDEN, "this is another host's page\n")
        if split.path == "/":
            nonce = secrets.token_urlsafe(16)
            return _answer(HTTPStatus.OK, live_page(nonce), nonce)
        origin = urlsplit(request.headers.get("Origin", ""))
        if origin.netloc != request.headers.get("Host", ""):
            return _answer(HTTPStatus.FORBIDDEN, "the socket is for this page alone\n")
        if len(self._viewers) >= MOST_VIEWERS:
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "too many pages are open\n")
        return None

    def _knows(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.token.encode())

    def _is_host(self, host: str) -> bool:
        """Whether a page of this machine was asked for by a name of this machine."""
        if self.host not in LOOPBACK:
            return True
        return urlsplit(f"//{host}").hostname in LOOPBACK

    async def _viewer(self, connection: Any) -> None:
        viewer = _Viewer(connection, self.session)
        self._viewers.append(viewer)
        self.session.watchers = len(self._viewers)
        try:
            sending = asyncio.ensure_future(viewer.send_pictures(self))
            try:
                async for text in connection:
                    if not await viewer.hear(text, self.drives(viewer)):
                        await connection.close(1008, "too many messages")
                        break
            finally:
                sending.cancel()
        except Exception:  # a lost connection, or one that broke the protocol: only this viewer ends
            pass
        finally:
            self._viewers.remove(viewer)
            self.session.watchers = len(self._viewers)

    def drives(self, viewer: _Viewer) -> bool:
        """Whether a viewer may act: the one that has been there longest; the others watch."""
        return bool(self._viewers) and self._viewers[0] is viewer

    def _tell_soon(self) -> None:
        self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        for viewer in self._viewers:
            viewer.fresh.set()


class _Viewer:
    """One page that is open."""

    def __init__(self, connection: Any, session: Session) -> None:
        self._connection, self._session = connection, session
        self.fresh = asyncio.Event()
        self._allowance, self._heard_s, self._refused = float(BURST), time.monotonic(), 0

    async def send_pictures(self, server: Server) -> None:
        """Send what is new as fast as the page takes it; what came in between is left out."""
        session, sent, told_s, scene = self._session, -1, -1.0, None
        while True:
            if scene is not session.described:
                scene = session.described
                await self._say({"scene": scene})
                await self._connection.send(_packed(session.picture.row, session.floor))
            picture = session.picture
            if picture.number != sent:
                sent = picture.number
                await self._connection.send(_packed(picture.row, picture.floor))
            now = time.monotonic()
            if now - told_s > STATUS_S or not session.playing:
                told_s = now
                await self._say({"status": {**session.status, "drives": server.drives(self)}})
            self.fresh.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.fresh.wait(), STATUS_S)

    async def hear(self, text: str | bytes, drives: bool) -> bool:
        """Do what a message asks for; False for a viewer that says too much."""
        now = time.monotonic()
        self._allowance = min(BURST, self._allowance + (now - self._heard_s) * MESSAGES_PER_S)
        self._heard_s = now
        if self._allowance < 1:
            self._refused += 1
            await asyncio.sleep(0)
            return self._refused < MOST_REFUSED
        self._allowance -= 1
        try:
            message = messages.read(text)
            if not drives:
                raise InputError("another page drives this session; this one watches")
            await self._do(message)
        except InputError as error:
            self._refused += 1
            await self._say({"refused": str(error)[:500]})
        return self._refused < MOST_REFUSED

    async def _do(self, message: Message) -> None:
        session = self._session
        if isinstance(message, Save):
            await self._say({"saved": await asyncio.to_thread(session.saved)})
            return
        await asyncio.to_thread(_carry_out, session, message)

    async def _say(self, what: dict[str, Any]) -> None:
        await self._connection.send(json.dumps(what, allow_nan=False, default=float))


def _carry_out(session: Session, message: Message) -> None:
    """Do what a message asks for; returns when the loop has done it."""
    if isinstance(message, Play):
        session.play()
    elif isinstance(message, Pause):
        session.pause()
    elif isinstance(message, Step):
        session.step(message.periods)
    elif isinstance(message, Reset):
        session.reset(message.seed)
    elif isinstance(message, Speed):
        session.set_speed(message.times)
    elif isinstance(message, Do):
        session.do(message.act)


def _packed(row: bytes, floor: bytes) -> bytes:
    """Return a picture as one message: the length of the numbers, the numbers, the floor."""
    return len(row).to_bytes(4, "little") + row + floor


def _answer(status: HTTPStatus, text: str, nonce: str = "") -> Any:
    from websockets.datastructures import Headers
    from websockets.http11 import Response

    body = text.encode()
    kind = "text/html" if nonce else "text/plain"
    policy = "default-src 'none'"
    if nonce:
        policy += (
            f"; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src data:"
        )
        policy += (
            "; frame-ancestors http://localhost:* http://127.0.0.1:*; base-uri 'none'; form-action 'none'"
        )
    headers = Headers()
    for name, value in (
        ("Content-Type", f"{kind}; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"),
        ("Connection", "close"),
    ):
        headers[name] = value
    return Response(status.value, status.phrase, headers, body)
