"use strict";
// The map of neurons, which glow with their activity; a chosen one shows its strongest connections.

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
    for (let i = 0; i < count; i++) {
      const [x, y] = this.place(i),
        level = h.level(i, activity[i]),
        k = 3 * Math.round(255 * level);
      const colour = `${this.lut[k]},${this.lut[k + 1]},${this.lut[k + 2]}`;
      if (level > 0.35) {
        pen.fillStyle = `rgba(${colour},${0.32 * level})`;
        pen.beginPath();
        pen.arc(x, y, radius * (1 + 1.3 * level), 0, 6.2832);
        pen.fill();
      }
      pen.fillStyle = `rgb(${colour})`;
      pen.strokeStyle = HUES[this.of[i] % HUES.length];
      pen.lineWidth = 1;
      pen.beginPath();
      pen.arc(x, y, radius, 0, 6.2832);
      pen.fill();
      pen.stroke();
    }
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
