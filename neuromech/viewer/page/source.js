"use strict";
// Where pictures come from: a session's socket, or a recording that is written in the page.

/** A session on the server that sent this page. */
class LiveSource {
  constructor(hear) {
    this.live = true;
    this.hear = hear;
    this.open();
  }

  open() {
    const secure = location.protocol === "https:" ? "wss" : "ws";
    const token = new URLSearchParams(location.search).get("token") || "";
    this.socket = new WebSocket(`${secure}://${location.host}/socket?token=${encodeURIComponent(token)}`);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({ data }) => {
      if (typeof data !== "string") {
        const size = new DataView(data).getUint32(0, true);
        this.hear.picture(new Float32Array(data.slice(4, 4 + size)), new Uint8Array(data, 4 + size));
        return;
      }
      const told = JSON.parse(data);
      for (const [key, value] of Object.entries(told)) this.hear[key]?.(value);
    };
    this.socket.onclose = () => {
      this.hear.lost();
      setTimeout(() => this.open(), 2000);
    };
  }

  say(word, keys = {}) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ say: word, ...keys }));
  }
}

/** A recording: the same words as a session's, as far as they make sense. */
class RecordedSource {
  constructor(data, hear) {
    this.live = false;
    this.hear = hear;
    this.about = data.about;
    this.time = data.about.times_s;
    this.index = -1;
    this.at = this.time[0];
    this.playing = false;
    this.speed = data.about.speed;
    this._load(data).catch((error) => hear.refused(String(error)));
  }

  async _load(data) {
    this.size = this.about.low.length;
    this.rows = wholeNumbers(await unsqueezed(data.numbers), this.time.length, this.size);
    this.floors = await Promise.all(data.floors.map(unsqueezed));
    this.hear.scene(this.about.scene);
    this._show();
    this._tell();
    this.last = performance.now();
    const tick = (now) => {
      if (this.playing) {
        this.at += (Math.min(now - this.last, 200) / 1000) * (this.speed ?? 1);
        if (this.at >= this.time.at(-1)) {
          this.at = this.time.at(-1);
          this.playing = false;
        }
        this._show();
      }
      if (now - (this.told || 0) > 250) this._tell();
      this.last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  say(word, keys = {}) {
    if (word === "play") {
      if (this.at >= this.time.at(-1)) this.seek(this.time[0]);
      this.playing = true;
    } else if (word === "pause") this.playing = false;
    else if (word === "speed") this.speed = keys.times;
    else if (word === "reset") this.seek(this.time[0]);
    else if (word === "step") {
      this.playing = false;
      this.seek(this.time[Math.min(this.index + 1, this.time.length - 1)]);
    }
    this._tell();
  }

  seek(t) {
    this.at = t;
    this._show();
    this._tell();
  }

  _show() {
    let index = this.index < 0 || this.time[this.index] > this.at ? 0 : this.index;
    while (index + 1 < this.time.length && this.time[index + 1] <= this.at + 1e-9) index++;
    if (index === this.index) return;
    // What the raster shows of the time in between is not left out.
    const from = index > this.index && index - this.index < 500 ? this.index + 1 : index;
    for (let i = from; i < index; i++) this.hear.passed(this._row(i));
    const floor = this.about.floor_of[index];
    const fresh = floor >= 0 && floor !== this.floor;
    if (floor >= 0) this.floor = floor;
    this.index = index;
    this.hear.picture(this._row(index), fresh ? this.floors[floor] : null);
  }

  _row(i) {
    const { low, high } = this.about,
      row = new Float32Array(this.size),
      count = this.time.length;
    for (let c = 0; c < this.size; c++)
      row[c] = low[c] + (high[c] - low[c]) * (this.rows[c * count + i] / 65535);
    return row;
  }

  _tell() {
    this.told = performance.now();
    this.hear.status({
      playing: this.playing,
      time_s: this.at,
      speed: this.speed,
      measured: this.playing ? this.speed : 0,
      seed: this.about.seed,
      error: "",
      metrics: this.about.metrics,
      metrics_s: this.about.metrics_s,
      done: this.about.done,
      perturb: this.about.perturb,
      drives: true,
      end_s: this.time.at(-1),
      start_s: this.time[0],
    });
  }
}

/** Add up the steps through time of every column; the low bytes of all come first, then the high ones. */
function wholeNumbers(bytes, count, columns) {
  const rows = new Uint16Array(count * columns),
    half = rows.length;
  for (let c = 0; c < columns; c++) {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const k = c * count + i;
      sum = (sum + bytes[k] + 256 * bytes[half + k]) & 65535;
      rows[k] = sum;
    }
  }
  return rows;
}

async function unsqueezed(text) {
  const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
