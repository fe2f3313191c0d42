"use strict";
// The raster that scrolls, traces of chosen neurons, and what the eyes see.

const HUES = ["#e8a33d", "#5fb3e6", "#e0655f", "#7ccf8a", "#b78be0", "#d9cf5b", "#e58fc0", "#74d1cc"];

/** Give a canvas as many pixels as it has on the screen, or a share of them; return their density. */
function sized(canvas, share = 1) {
  const scale = Math.min(window.devicePixelRatio || 1, 2) * share;
  const width = Math.max(1, Math.round(canvas.clientWidth * scale));
  const height = Math.max(1, Math.round(canvas.clientHeight * scale));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
    return [scale, true];
  }
  return [scale, false];
}

function ink(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Return a table of colours, three bytes each, as the words of an image. */
function packed(lut) {
  const words = new Uint32Array(lut.length / 3),
    bytes = new Uint8Array(words.buffer);
  for (let k = 0; k < words.length; k++) bytes.set([lut[3 * k], lut[3 * k + 1], lut[3 * k + 2], 255], 4 * k);
  return words;
}

/** What every neuron did lately, in columns of equal simulated time. */
class History {
  constructor(count, windowS, columns = 420) {
    this.count = count;
    this.windowS = windowS;
    this.columns = columns;
    this.values = new Float32Array(count * columns).fill(NaN);
    this.low = new Float32Array(count).fill(Infinity);
    this.high = new Float32Array(count).fill(-Infinity);
    this.column = -1;
    this.floor = 0;
  }

  get perColumnS() {
    return this.windowS / this.columns;
  }

  /** Add the activity at a time; a time before the last begins anew. */
  add(t, activity) {
    const column = Math.floor(t / this.perColumnS);
    if (column < this.column || column - this.column > 2 * this.columns) {
      this.values.fill(NaN);
      this.low.fill(Infinity);
      this.high.fill(-Infinity);
      this.column = column - 1;
    }
    for (let c = Math.max(this.column + 1, column - this.columns + 1); c <= column; c++)
      this.values.set(activity, (c % this.columns) * this.count);
    if (column === this.column) this.values.set(activity, (column % this.columns) * this.count);
    this.column = column;
    const spans = [];
    for (let i = 0; i < this.count; i++) {
      const v = activity[i];
      if (v < this.low[i]) this.low[i] = v;
      if (v > this.high[i]) this.high[i] = v;
      spans.push(this.high[i] - this.low[i]);
    }
    // A neuron that hardly moves would be all noise if it were stretched to full scale.
    if (column % 8 === 0 || !this.floor)
      this.floor = 0.1 * (spans.sort((a, b) => a - b)[Math.floor(0.95 * (this.count - 1))] || 0);
  }

  /** Return 0 to 1 from a neuron's lowest to its highest value so far. */
  level(neuron, value) {
    const span = Math.max(this.high[neuron] - this.low[neuron], this.floor, 1e-9);
    return Math.min(Math.max((value - this.low[neuron]) / span, 0), 1);
  }

  at(column, neuron) {
    return this.values[(((column % this.columns) + this.columns) % this.columns) * this.count + neuron];
  }
}

class Raster {
  constructor(canvas, brain, history, lut, choose) {
    this.canvas = canvas;
    this.history = history;
    this.rows = [];
    this.groups = brain.groups.map((group, i) => {
      const first = this.rows.length;
      this.rows.push(...group.members);
      return { label: group.label, first, count: group.members.length, hue: HUES[i % HUES.length] };
    });
    this.image = document.createElement("canvas");
    this.image.width = history.columns;
    this.image.height = this.rows.length;
    this.pen = this.image.getContext("2d");
    this.pixels = this.pen.createImageData(history.columns, this.rows.length);
    this.words = new Uint32Array(this.pixels.data.buffer);
    this.colours = packed(lut);
    this.drawn = -1;
    canvas.addEventListener("click", (event) => {
      const row = this.rowAt(event.offsetY);
      if (row >= 0) choose(this.rows[row], event.shiftKey);
    });
  }

  /** Rows of a group get at least as much room as its label needs. */
  layout(height) {
    const room = this.groups.map((g) => g.count),
      total = room.reduce((a, b) => a + b, 0);
    const least = Math.min(12, height / this.groups.length);
    const share = room.map((r) => Math.max((r / total) * height, least)),
      all = share.reduce((a, b) => a + b, 0);
    let top = 0;
    return this.groups.map((group, i) => {
      const place = { ...group, top, height: (share[i] / all) * height - 2 };
      top += (share[i] / all) * height;
      return place;
    });
  }

  rowAt(y) {
    for (const g of this.layout(this.canvas.clientHeight - 16)) {
      if (y >= g.top && y <= g.top + g.height)
        return g.first + Math.min(g.count - 1, Math.floor(((y - g.top) / g.height) * g.count));
    }
    return -1;
  }

  /** Colour what all neurons did in a column of time. */
  _fill(column) {
    const h = this.history,
      at = ((column % h.columns) + h.columns) % h.columns;
    for (let r = 0; r < this.rows.length; r++) {
      const value = h.at(column, this.rows[r]);
      this.words[r * h.columns + at] = Number.isFinite(value)
        ? this.colours[Math.round(255 * h.level(this.rows[r], value))]
        : 0;
    }
  }

  /** Put columns into the image, which is used round and round: in two pieces where they pass its edge. */
  _put(first, last) {
    const columns = this.history.columns,
      at = ((first % columns) + columns) % columns,
      wide = Math.min(last - first + 1, columns),
      before = Math.min(wide, columns - at);
    if (wide < 1) return;
    this.pen.putImageData(this.pixels, 0, 0, at, 0, before, this.rows.length);
    if (wide > before) this.pen.putImageData(this.pixels, 0, 0, 0, 0, wide - before, this.rows.length);
  }

  draw(chosen) {
    const [scale] = sized(this.canvas),
      pen = this.canvas.getContext("2d"),
      h = this.history;
    const columns = h.columns,
      newest = h.column;
    // Now and then all of it, because the scale of a neuron grows with what it does.
    const anew = this.drawn < 0 || newest < this.drawn || newest - this.anew >= 30;
    if (anew) this.anew = newest;
    const from = anew ? newest - columns + 1 : this.drawn;
    const first = Math.max(from, newest - columns + 1);
    for (let c = first; c <= newest; c++) this._fill(c);
    this._put(first, newest);
    this.drawn = newest;
    const width = this.canvas.width / scale,
      height = this.canvas.height / scale,
      label = Math.min(118, 0.3 * width);
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.fillStyle = ink("--plot");
    pen.fillRect(0, 0, width, height);
    pen.imageSmoothingEnabled = false;
    const split = ((newest % columns) + columns + 1) % columns,
      wide = width - label - 6;
    for (const g of this.layout(height - 16)) {
      const left = columns - split,
        a = label + 4;
      if (left)
        pen.drawImage(this.image, split, g.first, left, g.count, a, g.top, (wide * left) / columns, g.height);
      if (split)
        pen.drawImage(
          this.image,
          0,
          g.first,
          split,
          g.count,
          a + (wide * left) / columns,
          g.top,
          (wide * split) / columns,
          g.height,
        );
      pen.fillStyle = g.hue;
      pen.fillRect(label, g.top, 3, g.height);
      pen.font = `${Math.max(8, Math.min(11, g.height + 1))}px system-ui, sans-serif`;
      pen.textAlign = "right";
      pen.textBaseline = "middle";
      pen.fillStyle = ink("--plot-text");
      pen.fillText(shorten(pen, g.label.replaceAll("_", " "), label - 6), label - 4, g.top + g.height / 2);
      for (const neuron of chosen) {
        const row = this.rows.indexOf(neuron) - g.first;
        if (row >= 0 && row < g.count) {
          pen.fillStyle = "#ffffff";
          pen.fillRect(width - 3, g.top + (row / g.count) * g.height, 3, Math.max(1.5, g.height / g.count));
        }
      }
    }
    pen.fillStyle = ink("--plot-text");
    pen.textAlign = "left";
    pen.font = "10px system-ui, sans-serif";
    pen.fillText(`-${h.windowS.toPrecision(2)} s`, label + 4, height - 7);
    pen.textAlign = "right";
    pen.fillText("now", width - 4, height - 7);
  }
}

function shorten(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  while (text.length > 2 && pen.measureText(`${text}…`).width > width) text = text.slice(0, -1);
  return `${text}…`;
}

class Traces {
  constructor(canvas, brain, history, unit_) {
    Object.assign(this, { canvas, brain, history, unit: unit_ });
  }

  draw(chosen) {
    const [scale] = sized(this.canvas),
      pen = this.canvas.getContext("2d"),
      h = this.history;
    const width = this.canvas.width / scale,
      height = this.canvas.height / scale;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.fillStyle = ink("--plot");
    pen.fillRect(0, 0, width, height);
    pen.font = "11px system-ui, sans-serif";
    pen.textBaseline = "middle";
    if (!chosen.length) {
      pen.fillStyle = ink("--plot-text");
      pen.textAlign = "center";
      pen.fillText("choose a neuron in the map, the raster or the list", width / 2, height / 2);
      return;
    }
    const each = height / chosen.length,
      left = 118,
      right = width - 46;
    chosen.forEach((neuron, i) => {
      let low = Infinity,
        high = -Infinity;
      for (let c = h.column - h.columns + 1; c <= h.column; c++) {
        const v = h.at(c, neuron);
        if (v < low) low = v;
        if (v > high) high = v;
      }
      if (!(high - low > 1e-6)) [low, high] = [low - 0.5, high + 0.5];
      const y = (v) => (i + 1) * each - 4 - ((v - low) / (high - low)) * (each - 8);
      pen.strokeStyle = HUES[i % HUES.length];
      pen.lineWidth = 1.4;
      pen.beginPath();
      let down = false;
      for (let c = 0; c < h.columns; c++) {
        const v = h.at(h.column - h.columns + 1 + c, neuron);
        if (!Number.isFinite(v)) continue;
        const x = left + 4 + ((right - left - 4) * c) / (h.columns - 1);
        if (down) pen.lineTo(x, y(v));
        else pen.moveTo(x, y(v));
        down = true;
      }
      pen.stroke();
      pen.fillStyle = HUES[i % HUES.length];
      pen.textAlign = "right";
      pen.fillText(shorten(pen, this.brain.names[neuron], left - 6), left - 4, (i + 0.5) * each);
      pen.fillStyle = ink("--plot-text");
      pen.textAlign = "left";
      pen.fillText(high.toPrecision(3), right + 3, i * each + 8);
      pen.fillText(low.toPrecision(3), right + 3, (i + 1) * each - 8);
      if (!i) pen.fillText(this.unit, right + 3, each / 2);
    });
  }
}

/** Round pictures of what each eye sees, the noses towards each other. */
class Eyes {
  constructor(canvas, eyes) {
    this.canvas = canvas;
    this.eyes = [...eyes].sort((a, b) => a.order - b.order);
  }

  draw(part) {
    const [scale] = sized(this.canvas),
      pen = this.canvas.getContext("2d");
    const height = this.canvas.height,
      size = height - 14 * scale,
      n = this.eyes.length;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, height);
    this.eyes.forEach((eye, k) => {
      const seen = part(`eye:${eye.name}`),
        cx = ((k + 0.5) * this.canvas.width) / n,
        cy = size / 2,
        r = size / 2 - 1;
      pen.fillStyle = "#000";
      pen.beginPath();
      pen.arc(cx, cy, r, 0, 7);
      pen.fill();
      const dot_ = Math.max(1.5 * scale, (1.9 * r) / Math.sqrt(eye.x.length));
      for (let i = 0; i < eye.x.length; i++) {
        const v = Math.round(255 * Math.min(Math.max(seen[i], 0), 1));
        pen.fillStyle = `rgb(${v},${v},${v})`;
        pen.fillRect(cx + eye.x[i] * r * 0.97 - dot_ / 2, cy + eye.y[i] * r * 0.97 - dot_ / 2, dot_, dot_);
      }
      pen.strokeStyle = "#e6e6e6";
      pen.lineWidth = 1.2 * scale;
      pen.beginPath();
      pen.arc(cx, cy, r, 0, 7);
      pen.stroke();
      pen.fillStyle = "#fff";
      pen.font = `${11 * scale}px system-ui, sans-serif`;
      pen.textAlign = "center";
      pen.fillText(eye.name.replaceAll("_", " "), cx, height - 3 * scale);
    });
  }
}
