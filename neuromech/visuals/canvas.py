"""Blitting: text, discs and transparent layers on pictures, fast enough for every frame of a video.

Text is set by matplotlib once; afterwards only arrays are copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

Colour = tuple[float, float, float]
_GLYPHS = "\u20070123456789.,:-+ %/()abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ×µ_°=·"
_DPI = 100.0


@dataclass(frozen=True)
class Text:
    """A line of text for a static layer: pixels from the left and top of the layer, height in pixels."""

    x: float
    y: float
    text: str
    size: float = 13.0
    colour: str = "#d9dee5"
    ha: str = "left"
    va: str = "center"
    weight: str = "normal"


def text_layer(width: int, height: int, texts: list[Text]) -> np.ndarray:
    """Return a transparent layer (height, width, 4) uint8 with lines of text on it."""
    figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI)
    figure.patch.set_alpha(0.0)
    canvas = FigureCanvasAgg(figure)
    for t in texts:
        figure.text(
            t.x / width, 1 - t.y / height, t.text, fontsize=t.size * 72 / _DPI, color=t.colour, ha=t.ha,
            va=t.va, weight=t.weight, family="DejaVu Sans", parse_math=False,
        )  # fmt: skip
    canvas.draw()
    return np.array(canvas.buffer_rgba())


def blend(image: np.ndarray, layer: np.ndarray, x: int = 0, y: int = 0) -> None:
    """Lay a layer (h, w, 4) uint8 over a picture (H, W, 3) uint8 with its corner at column x, row y."""
    h, w = min(layer.shape[0], image.shape[0] - y), min(layer.shape[1], image.shape[1] - x)
    if h <= 0 or w <= 0:
        return
    part = image[y : y + h, x : x + w]
    alpha = layer[:h, :w, 3:].astype(np.uint16)
    part[:] = (part * (255 - alpha) + layer[:h, :w, :3] * alpha) // 255


class Stamps:
    """A static layer, kept as the few small pieces that are not transparent, so that it is laid on fast."""

    def __init__(self, layer: np.ndarray, cell: int = 32) -> None:
        self._pieces: list[tuple[np.ndarray, int, int]] = []
        for y in range(0, layer.shape[0], cell):
            used = np.flatnonzero(layer[y : y + cell, :, 3].any(axis=0))
            # Runs of used columns, so that two words far apart are two pieces.
            for run in np.split(used, np.flatnonzero(np.diff(used) > 2 * cell) + 1):
                if len(run):
                    piece = layer[y : y + cell, run[0] : run[-1] + 1]
                    self._pieces.append((np.ascontiguousarray(piece), int(run[0]), y))

    def put(self, image: np.ndarray) -> None:
        """Lay it over a picture of the layer's size."""
        for piece, x, y in self._pieces:
            blend(image, piece, x, y)


@lru_cache(maxsize=8)
def _atlas(size: int) -> dict[str, np.ndarray]:
    """Return the coverage (h, advance) uint8 of each glyph."""
    advance, height = max(2, round(0.64 * size)), round(1.5 * size)  # DejaVu Sans figures all have one width
    cell = 3 * advance
    texts = [
        Text(cell * k + cell / 2, 0.5 * height, glyph, size, "#ffffff", "center", "center_baseline")
        for k, glyph in enumerate(_GLYPHS)
    ]
    layer = text_layer(len(_GLYPHS) * cell, height, texts)[..., 3]
    glyphs = {}
    for k, glyph in enumerate(_GLYPHS):
        ink = layer[:, k * cell : (k + 1) * cell]
        used = np.flatnonzero(ink.any(axis=0))
        if (
            glyph.isdigit() or glyph == "\u2007"
        ):  # with equal widths the text stays in place when the numbers change
            glyphs[glyph] = ink[:, advance : 2 * advance]
        else:
            glyphs[glyph] = ink[:, used[0] : used[-1] + 2] if len(used) else ink[:, : max(2, advance // 2)]
    return glyphs


def put_text(image: np.ndarray, x: int, y: int, text: str, size: int, colour: Colour) -> None:
    """Write changing text on a picture; (x, y) is the top left corner. Unknown characters are blank."""
    glyphs = _atlas(size)
    blank = np.zeros_like(glyphs["0"])
    cover = np.hstack([glyphs.get(c, blank) for c in text]) if text else blank
    layer = np.empty((*cover.shape, 4), np.uint8)
    layer[..., :3], layer[..., 3] = np.asarray(colour, np.uint8), cover
    blend(image, layer, x, y)


def disc(image: np.ndarray, x: float, y: float, radius: float, colour: Colour, hollow: float = 0.0) -> None:
    """Draw a soft-edged disc, or a ring of line width `hollow`, about column x, row y."""
    reach = int(radius + 2)
    i0, i1 = max(0, int(x) - reach), min(image.shape[1], int(x) + reach + 1)
    j0, j1 = max(0, int(y) - reach), min(image.shape[0], int(y) + reach + 1)
    if i0 >= i1 or j0 >= j1:
        return
    gap = np.hypot(np.arange(i0, i1)[None, :] - x, np.arange(j0, j1)[:, None] - y)
    gap = np.abs(gap - radius) - hollow / 2 if hollow else gap - radius
    cover = np.clip(0.5 - gap, 0, 1)[..., None]
    part = image[j0:j1, i0:i1]
    part[:] = (part * (1 - cover) + np.asarray(colour) * cover + 0.5).astype(np.uint8)


def rectangle(image: np.ndarray, x0: int, y0: int, x1: int, y1: int, colour: tuple[float, ...]) -> None:
    """Draw the outline of a rectangle, one pixel wide, in as many channels as the picture has."""
    image[[y0, y1 - 1], x0:x1] = colour
    image[y0:y1, [x0, x1 - 1]] = colour
