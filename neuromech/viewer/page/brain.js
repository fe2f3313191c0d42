"use strict";
// The map of neurons, which glow with their activity; a chosen one shows its strongest connections.

/** Steps of activity that are told apart. */
const STEPS = 32;

class BrainMap {
  constructor(canvas, brain, history, lut, choose, tip) {
    Object.assign(this, { canvas, brain, history, lut, tip });
    this.of = brain.names.map(() => 0);
    brain.groups.forEach((group, i) => group.members.forEach((m) => (this.of[m] = i)));
    this.partners = new Map();
    brain.edges.forEach((edge) => {
      for (const end of [edge[0], edge[1]]) {
        if (!this.partners.has(end)) this.partners.set(end, []);
        this.partners.get(end).push(edge);
      }
    });
    canvas.addEventListener("click", (event) => {
      const neuron = this.nearest(event.offsetX, event.offsetY);
      if (neuron >= 0) choose(neuron, event.shiftKey);
    });
    canvas.addEventListener("pointermove", (event) => {
      const neuron = this.nearest(event.offsetX, event.offsetY);
      tip(neuron < 0 ? "" : this.told(neuron), event);
    });
    canvas.addEventListener("pointerleave", (event) => tip("", event));
  }

  told(neuron) {
    const [kind, type, side] = this.brain.about[neuron];
    return [this.brain.names[neuron], kind !== this.brain.names[neuron] ? kind : "", type, side]
      .filter(Boolean)
      .join(" · ");
  }

  place(neuron) {
    const width = this.canvas.clientWidth,
      height = this.canvas.clientHeight;
    return [
      width / 2 + this.brain.x[neuron] * (width / 2 - 14),
      height / 2 + this.brain.y[neuron] * (height / 2 - 16),
    ];
  }

  nearest(x, y) {
    let best = -1,
      far = 14 ** 2;
    for (let i = 0; i < this.brain.names.length; i++) {
      const [a, b] = this.place(i),
        d = (a - x) ** 2 + (b - y) ** 2;
      if (d < far) [best, far] = [i, d];
    }
    return best;
  }

  draw(chosen, activity) {
    const [scale] = sized(this.canvas),
      pen = this.canvas.getContext("2d"),
      h = this.history;
    const width = this.canvas.clientWidth,
      height = this.canvas.clientHeight;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.fillStyle = ink("--plot");
    pen.fillRect(0, 0, width, height);
    const count = this.brain.names.length;
    const radius = Math.max(1.8, Math.min(7, 0.32 * Math.sqrt((width * height) / count)));
    if (this.brain.edges.length) {
      pen.fillStyle = ink("--plot-text");
      pen.font = "10px system-ui, sans-serif";
      pen.textAlign = "center";
      pen.fillText("senses", width / 2, 8);
      pen.fillText("muscles", width / 2, height - 3);
    }
    for (const neuron of chosen.slice(0, 1)) this._edges(pen, neuron);
    const layer = this._layer();
    layer.words.fill(0);
    for (let i = 0; i < count; i++) {
      const [x, y] = this.place(i),
        step = Math.round((STEPS - 1) * h.level(i, activity[i]));
      this._put(layer, this._stamps(radius, scale), step, this.of[i] % HUES.length, x * scale, y * scale);
    }
    layer.pen.putImageData(layer.pixels, 0, 0);
    pen.drawImage(layer.image, 0, 0, layer.image.width / scale, layer.image.height / scale);
    chosen.forEach((neuron, i) => {
      const [x, y] = this.place(neuron);
      pen.strokeStyle = "#ffffff";
      pen.lineWidth = 2;
      pen.beginPath();
      pen.arc(x, y, radius + 3, 0, 6.2832);
      pen.stroke();
      pen.fillStyle = HUES[i % HUES.length];
      pen.font = "bold 11px system-ui, sans-serif";
      pen.textAlign = x > width - 60 ? "right" : "left";
      pen.fillText(this.brain.names[neuron], x + (x > width - 60 ? -1 : 1) * (radius + 6), y - radius - 3);
    });
  }

  /** Return the image in which all neurons are put, of the canvas's size; a path for each would take longer. */
  _layer() {
    const { width, height } = this.canvas;
    if (this.layer?.image.width === width && this.layer.image.height === height) return this.layer;
    const image = document.createElement("canvas");
    Object.assign(image, { width, height });
    const pen = image.getContext("2d"),
      pixels = pen.createImageData(width, height);
    this.layer = { image, pen, pixels, words: new Uint32Array(pixels.data.buffer) };
    return this.layer;
  }

  /** Put a neuron at a place, in pixels; of two that overlap the clearer pixel is hidden. */
  _put(layer, stamps, step, hue, x, y) {
    const { size, words, wide } = stamps,
      { width, height } = layer.image,
      left = Math.round(x - size / 2),
      top = Math.round(y - size / 2);
    for (let r = Math.max(0, -top); r < Math.min(size, height - top); r++) {
      let from = (hue * size + r) * wide + step * size,
        to = (top + r) * width + left;
      for (let c = 0; c < size; c++, from++, to++) {
        const inside = left + c >= 0 && left + c < width;
        if (inside && words[from] >>> 24 > layer.words[to] >>> 24) layer.words[to] = words[from];
      }
    }
  }

  /** Return pictures of neurons, a column for each step of activity and a row for each group's hue. */
  _stamps(radius, scale) {
    if (this.stamps?.radius === radius && this.stamps.scale === scale) return this.stamps;
    const half = Math.ceil(2.3 * radius + 1),
      size = Math.ceil(2 * half * scale),
      sheet = document.createElement("canvas"),
      pen = sheet.getContext("2d", { willReadFrequently: true });
    sheet.width = STEPS * size;
    sheet.height = HUES.length * size;
    HUES.forEach((hue, row) => {
      for (let step = 0; step < STEPS; step++) {
        const level = step / (STEPS - 1),
          k = 3 * Math.round(255 * level),
          colour = `${this.lut[k]},${this.lut[k + 1]},${this.lut[k + 2]}`;
        pen.setTransform(size / (2 * half), 0, 0, size / (2 * half), step * size, row * size);
        if (level > 0.35) {
          pen.fillStyle = `rgba(${colour},${0.32 * level})`;
          pen.beginPath();
          pen.arc(half, half, radius * (1 + 1.3 * level), 0, 6.2832);
          pen.fill();
        }
        pen.fillStyle = `rgb(${colour})`;
        pen.strokeStyle = hue;
        pen.lineWidth = 1;
        pen.beginPath();
        pen.arc(half, half, radius, 0, 6.2832);
        pen.fill();
        pen.stroke();
      }
    });
    const drawn = pen.getImageData(0, 0, sheet.width, sheet.height);
    this.stamps = { radius, scale, size, wide: sheet.width, words: new Uint32Array(drawn.data.buffer) };
    return this.stamps;
  }

  _edges(pen, neuron) {
    const mine = this.partners.get(neuron) || [],
      most = Math.max(...mine.map((e) => e[2]), 1);
    for (const [pre, post, weight, sign] of mine) {
      const [ax, ay] = this.place(pre),
        [bx, by] = this.place(post);
      pen.strokeStyle =
        sign > 0 ? "rgba(240,170,80,0.8)" : sign < 0 ? "rgba(110,170,250,0.85)" : "rgba(170,170,170,0.6)";
      pen.setLineDash(pre === neuron ? [] : [3, 3]);
      pen.lineWidth = 0.6 + 2.4 * (weight / most);
      pen.beginPath();
      pen.moveTo(ax, ay);
      pen.quadraticCurveTo((ax + bx) / 2 + 0.12 * (by - ay), (ay + by) / 2 - 0.12 * (bx - ax), bx, by);
      pen.stroke();
    }
    pen.setLineDash([]);
  }
}
