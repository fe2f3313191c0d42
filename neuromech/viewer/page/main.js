"use strict";
// The page: it hears pictures and status from its source, draws them, and lets one look, choose and push.

const at = (id) => document.getElementById(id);
const state = {
  scene: null,
  chosen: [],
  status: null,
  row: null,
  floor: null,
  changed: false,
  drawn: 0,
  fine: 1,
  gaps: [],
};
let picture, camera, history_, raster, traces, map, eyes, hands, source;

const part = (name) => {
  const [first, size] = state.scene.layout[name];
  return state.row.subarray(first, first + size);
};

const hear = {
  scene(scene) {
    state.scene = scene;
    document.title = `neuromech ${scene.experiment}`;
    at("name").textContent = scene.experiment;
    at("about").textContent = [scene.animal, scene.controller, ...scene.notes].join(" · ");
    at("about").title = at("about").textContent;
    try {
      if (picture) picture.show(scene);
      else picture = new Picture(at("body"), scene);
    } catch (error) {
      picture = null;
      hear.refused(String(error.message || error));
    }
    camera = new Orbit(scene);
    showBrain(scene);
    eyes = scene.eyes.length && scene.floor.picture ? new Eyes(at("eyes"), scene.eyes) : null;
    at("eyes").hidden = !eyes;
    hands.show(scene);
    choose([]);
    for (const name of scene.traces.slice(0, 3)) choose([...state.chosen, scene.brain.names.indexOf(name)]);
  },
  picture(row, floor) {
    state.row = row;
    if (floor && floor.byteLength) state.floor = floor;
    history_?.add(row[0], part("activity"));
    state.changed = true;
  },
  passed(row) {
    if (!history_) return;
    const [first, size] = state.scene.layout.activity;
    history_.add(row[0], row.subarray(first, first + size));
  },
  status(status) {
    if (state.status?.playing !== status.playing) state.changed = true; // what is held is drawn finely
    state.status = status;
    showSpeed(String(status.speed ?? ""));
    at("play").textContent = status.playing ? "❚❚ Pause" : "▶ Play";
    at("play").setAttribute("aria-label", status.playing ? "Pause" : "Play");
    at("clock").textContent = `${status.time_s.toFixed(2)} s`;
    at("pace").textContent = status.playing ? `${status.measured.toPrecision(2)} × real time` : "held";
    if (at("seed") && document.activeElement !== at("seed")) at("seed").value = status.seed;
    if (status.end_s !== undefined && document.activeElement !== at("seek")) {
      Object.assign(at("seek"), { min: status.start_s, max: status.end_s });
      at("seek").value = status.time_s;
    }
    if (status.error) word(status.error, true);
    at("hands")
      .querySelectorAll("fieldset")
      .forEach((each) => (each.disabled = !status.drives));
    for (const id of ["play", "step", "reset", "speed"]) at(id).disabled = !status.drives;
    if (!status.drives) word("another page drives this session; this one watches");
    hands.tell(status);
  },
  saved({ yaml, command }) {
    at("yaml").value = yaml;
    at("command").value = command;
    at("download").href = `data:text/yaml;charset=utf-8,${encodeURIComponent(yaml)}`;
    at("saved").showModal();
  },
  refused(text) {
    word(text, true);
  },
  lost() {
    word("the session does not answer; trying again", true);
  },
};

/** Show the speed that the session has, also one that the list lacks. */
function showSpeed(speed) {
  const list = at("speed");
  if (document.activeElement === list || list.value === speed) return;
  if (![...list.options].some((each) => each.value === speed))
    list.prepend(make("option", { value: speed }, `${speed} ×`));
  list.value = speed;
}

function word(text, wrong = false) {
  if (at("word").textContent !== text) at("word").textContent = text;
  at("word").classList.toggle("wrong", wrong);
}

function showBrain(scene) {
  const brain = scene.brain;
  at("brain").hidden = !brain;
  history_ = raster = traces = map = null;
  if (!brain) return;
  const lut = bytesOf(scene.lut);
  history_ = new History(brain.names.length, scene.window_s);
  const pick = (neuron, more) => choose(more ? [...state.chosen, neuron] : [neuron]);
  const tip = (text, event) => {
    at("tip").hidden = !text;
    at("tip").textContent = text;
    const box = at("brain").getBoundingClientRect();
    at("tip").style.left = `${Math.min(event.clientX - box.left + 12, box.width - 120)}px`;
    at("tip").style.top = `${event.clientY - box.top + 12}px`;
  };
  map = new BrainMap(at("map"), brain, history_, lut, pick, tip);
  raster = new Raster(at("raster"), brain, history_, lut, pick);
  traces = new Traces(at("traces"), brain, history_, scene.unit);
  const classes = new Set(brain.about.map((each) => each[0]).filter(Boolean));
  const names = [...new Set([...classes, ...brain.names])];
  at("names").replaceChildren(...names.map((name) => make("option", { value: name })));
}

/** Choose neurons by their numbers. */
function choose(neurons) {
  state.chosen = [...new Set(neurons.filter((each) => each >= 0))].slice(-6);
  state.words = state.chosen.map((each) => state.scene.brain.names[each]);
  tellChosen();
}

function tellChosen() {
  at("chosen").textContent = state.chosen.map((each) => map.told(each)).join("; ");
  hands.name(state.words.join(", "));
  state.changed = true;
}

/** Choose by a name that was written: a neuron, or all of a class. */
function find(text) {
  const brain = state.scene.brain,
    name = text.trim();
  const same = (other) => other.toLowerCase() === name.toLowerCase();
  const one = brain.names.findIndex(same),
    all = brain.about.flatMap((each, i) => (same(each[0]) ? [i] : []));
  if (!name) return;
  if (one < 0 && !all.length) return hear.refused(`no neuron or class ${name}`);
  word("");
  choose(all.length > 1 ? all : [one >= 0 ? one : all[0]]);
  if (all.length > 1) {
    state.words = [brain.about[all[0]][0]];
    tellChosen();
  }
}

let last = performance.now();
function frame(now) {
  requestAnimationFrame(frame);
  if (!state.row) return;
  const seconds = Math.min(now - last, 200) / 1000;
  if (!state.changed && !camera.moved) return;
  last = now;
  if (picture) {
    const canvas = at("body");
    const [, resized] = sized(canvas, fineness(now));
    if (state.changed || resized) picture.take(part, state.floor);
    state.floor = null;
    const before = camera.target ? [...camera.target] : null;
    camera.chase([...part("centre")], seconds);
    picture.draw(camera);
    // The camera is still on its way to an animal that rests.
    const way = before ? Math.hypot(...before.map((b, k) => b - camera.target[k])) : 1;
    camera.moved = way > 1e-4 * camera.distance;
  }
  if (state.changed) {
    const brainDue = now > (state.brainDue || 0) || !state.status?.playing;
    if (raster && brainDue) {
      raster.draw(state.chosen);
      map.draw(state.chosen, part("activity"));
      traces.draw(state.chosen);
    }
    if (eyes && brainDue) eyes.draw(part);
    // The eye follows the body and reads the brain, which is drawn less often where no graphics card draws.
    if (brainDue) state.brainDue = now + (picture?.slow ? 200 : 60);
    state.drawn++;
    document.documentElement.dataset.pictures = state.drawn;
  }
  state.changed = false;
}

/** Return how finely the body is drawn: coarser, step by step, where a picture takes too long. */
function fineness(now) {
  const gap = now - (state.before ?? now);
  state.before = now;
  if (!state.status?.playing) return 1;
  if (gap > 1000) return state.fine;
  state.gaps.push(gap);
  if (state.gaps.length < 8) return state.fine;
  const middle = state.gaps.sort((a, b) => a - b)[4];
  state.gaps = [];
  if (middle > 48 && state.fine > 0.5) state.fine -= 0.25;
  return state.fine;
}

function buttons() {
  const press = (id, act) => at(id)?.addEventListener("click", act);
  press("play", () => source.say(state.status?.playing ? "pause" : "play"));
  press("step", () => source.say("step", source.live ? { periods: 1 } : {}));
  press("reset", () => {
    word("");
    const seed = at("seed")?.value ?? "";
    source.say("reset", source.live && seed !== "" ? { seed: Math.max(0, Math.round(Number(seed))) } : {});
  });
  at("speed").addEventListener("change", () =>
    source.say("speed", { times: at("speed").value ? Number(at("speed").value) : null }),
  );
  at("seek")?.addEventListener("input", () => source.seek(Number(at("seek").value)));
  const toggle = (id, act) =>
    press(id, () => {
      const on = at(id).getAttribute("aria-pressed") !== "true";
      at(id).setAttribute("aria-pressed", on);
      act(on);
      state.changed = true;
    });
  toggle("follow", (on) => (camera.follow = on));
  toggle("tints", (on) => picture?.look({ tints: on }));
  toggle("drag", (on) => at("body").classList.toggle("push", on));
  press("home", () => {
    camera.home(state.scene);
    at("follow").setAttribute("aria-pressed", "true");
    state.changed = true;
  });
  at("find").addEventListener("change", () => find(at("find").value));
  press("forget", () => {
    at("find").value = "";
    choose([]);
  });
  press("close-saved", () => at("saved").close());
  press("theme", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    haze();
  });
}

function haze() {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  picture?.look({ haze: dark ? [0.13, 0.15, 0.18] : [0.74, 0.78, 0.82] });
  state.changed = true;
}

function mouse() {
  const canvas = at("body"),
    pointers = new Map(),
    line = at("arrow").firstElementChild;
  let pushed = null,
    pinch = 0;
  const turned = () => (camera.moved = true);
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (canvas.classList.contains("push") && pointers.size === 1)
      pushed = segmentAt(event.offsetX, event.offsetY);
  });
  canvas.addEventListener("pointermove", (event) => {
    const from = pointers.get(event.pointerId);
    if (!from) return;
    const dx = event.offsetX - from[0],
      dy = event.offsetY - from[1];
    if (pushed) {
      const ends = { x1: pushed.x, y1: pushed.y, x2: event.offsetX, y2: event.offsetY };
      for (const [key, value] of Object.entries(ends)) line.setAttribute(key, value);
      return;
    }
    pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (pointers.size === 2) {
      const [a, b] = [...pointers.values()],
        far = Math.hypot(a[0] - b[0], a[1] - b[1]);
      if (pinch) camera.zoom(pinch / far);
      pinch = far;
    } else if (event.shiftKey || event.buttons === 2) camera.pan(dx, dy, canvas.clientHeight);
    else camera.turn(dx * 0.008, dy * 0.008);
    turned();
  });
  const release = (event) => {
    pointers.delete(event.pointerId);
    pinch = 0;
    if (!pushed) return;
    const { right, up } = camera.frame(),
      mm = (2 * camera.distance * Math.tan(camera.fovy / 2)) / canvas.clientHeight;
    const dx = (event.offsetX - pushed.x) * mm,
      dy = (pushed.y - event.offsetY) * mm;
    // A drag of half a body length is a push of the strength that stands in the form.
    const strength = (2 * Number(hands.force.value)) / state.scene.length_mm;
    const force = [0, 1, 2].map((k) => +(strength * (dx * right[k] + dy * up[k])).toPrecision(4));
    for (const key of ["x1", "y1", "x2", "y2"]) line.removeAttribute(key);
    if (Math.hypot(dx, dy) > 2 * mm) hands.push(pushed.name, force, Number(hands.pushTime.value));
    pushed = null;
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      camera.zoom(Math.exp(event.deltaY * 0.0012));
      turned();
    },
    { passive: false },
  );
  canvas.addEventListener("keydown", (event) => {
    const turns = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.08], ArrowDown: [0, -0.08] };
    if (turns[event.key]) camera.turn(...turns[event.key]);
    else if (event.key === "+" || event.key === "=") camera.zoom(0.88);
    else if (event.key === "-") camera.zoom(1.14);
    else if (event.key === "f" || event.key === "F") at("follow").click();
    else if (event.key === "h" || event.key === "H") at("home").click();
    else return;
    event.preventDefault();
    turned();
  });
}

/** Return the segment of the body next to a place in the picture. */
function segmentAt(x, y) {
  const places = part("segments");
  let best = null,
    far = 60;
  state.scene.pushable.forEach((name, i) => {
    const seen = picture?.project(places.subarray(3 * i, 3 * i + 3));
    const d = seen ? Math.hypot(seen[0] - x, seen[1] - y) : Infinity;
    if (d < far) [best, far] = [{ name, x: seen[0], y: seen[1] }, d];
  });
  return best;
}

function start() {
  document.querySelectorAll(GIVEN.live ? ".recorded" : ".live").forEach((each) => each.remove());
  if (!GIVEN.live) at("drag")?.remove();
  hands = new Hands(at("hands"), null, () => state.words || []);
  source = GIVEN.live ? new LiveSource(hear) : new RecordedSource(GIVEN, hear);
  hands.source = source;
  const scene = hear.scene;
  hear.scene = (given) => {
    scene(given);
    haze();
  };
  if (!GIVEN.live && GIVEN.about.speed) at("speed").value = String(GIVEN.about.speed);
  buttons();
  mouse();
  window.addEventListener("resize", () => (state.changed = true));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", haze);
  requestAnimationFrame(frame);
}

start();
