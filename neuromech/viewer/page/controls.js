"use strict";
// Forms of what one can do, built from what the session says can be changed. Every control has a name.

function make(tag, values = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(values)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && key !== "list") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

const card = (title, ...children) => make("fieldset", {}, make("legend", {}, title), ...children);
const row = (...children) => make("div", { className: "row" }, ...children);
const button = (text, click, name = text) =>
  make("button", { type: "button", onclick: click, ariaLabel: name }, text);
const round = (value) => (Number.isInteger(value) ? String(value) : String(+value.toPrecision(3)));

class Hands {
  constructor(place, source, chosen) {
    Object.assign(this, { place, source, chosen });
  }

  act(act, keys) {
    this.source.say("do", { act, keys });
  }

  /** Build the forms for a scene. */
  show(scene) {
    this.scene = scene;
    this.place.replaceChildren();
    const can = scene.controls;
    if (this.source.live && can) {
      if (can.neurons) this.place.append(this._neurons(can));
      if (can.commands.length) this.place.append(this._commands(can.commands));
      const world = this._surroundings(can);
      if (world) this.place.append(world);
      if (scene.pushable.length) this.place.append(this._push(can));
      if (can.neurons) this.place.append(this._wiring(can));
    }
    this.done = make("ol", { ariaLabel: "What was done, with its time" });
    this.metrics = make("dl", { ariaLabel: "Metrics so far" });
    const save = this.source.live ? row(button("Save as experiment…", () => this.source.say("save"))) : null;
    this.span = make("p", { className: "span" });
    this.place.append(card("Acts", save, this.done), card("Metrics", this.span, this.metrics));
  }

  _neurons(can) {
    const unit_ = can.stimulate === "rate_Hz" ? "Hz" : "pA";
    const amount = make("input", {
      type: "number",
      value: round(can.amount),
      step: "any",
      ariaLabel: `strength of the stimulation, ${unit_}`,
    });
    const time = make("input", {
      type: "number",
      value: "1",
      min: "0.001",
      step: "any",
      ariaLabel: "how long, s",
    });
    this.whom = make("span", {}, "none chosen");
    const neurons = () => {
      const names = this.chosen();
      if (!names.length) this.source.hear.refused("choose a neuron or a class first");
      return names;
    };
    const send = (act, keys) => {
      const names = neurons();
      if (names.length) this.act(act, { neurons: names, ...keys() });
    };
    const seconds = () => ({ for_s: Number(time.value) });
    return card(
      "Neurons",
      make("label", { className: "value" }, "chosen", this.whom),
      make("label", { className: "value" }, `strength, ${unit_}`, amount),
      make("label", { className: "value" }, "how long, s", time),
      row(
        button(
          "Stimulate",
          () => send("stimulate", () => ({ [can.stimulate]: Number(amount.value), ...seconds() })),
          "Stimulate the chosen neurons for a time",
        ),
        button("Silence", () => send("silence", seconds), "Silence the chosen neurons for a time"),
        button(
          "Ablate",
          () => send("silence", () => ({})),
          "Ablate the chosen neurons: silent for good from now on",
        ),
      ),
    );
  }

  _commands(commands) {
    const rows = commands.map((command) => {
      const shown = make("output", {}, round(command.value));
      const slider = make("input", {
        type: "range",
        min: command.low,
        max: command.high,
        step: (command.high - command.low) / 200,
        value: command.value,
        ariaLabel: `descending command ${command.name}`,
        oninput: () => (shown.textContent = round(Number(slider.value))),
        onchange: () => this.act("command", { name: command.name, value: Number(slider.value) }),
      });
      return make("label", { className: "knob" }, make("span", {}, command.name), slider, shown);
    });
    return card("Descending drive", ...rows);
  }

  _surroundings(can) {
    const parts = [],
      inputs = new Map();
    for (const { path, value } of can.stimulus) {
      const name = path.join(" ").replaceAll("_", " ");
      inputs.set(path, this._input(value, `stimulus ${name}`));
      parts.push(make("label", { className: "value" }, name, inputs.get(path)));
    }
    if (parts.length)
      parts.push(
        row(
          button("Change the stimulus", () => {
            const changed = {};
            for (const [path, input] of inputs) {
              const now = this._valueOf(input);
              if (JSON.stringify(now) === JSON.stringify(input.was)) continue;
              input.was = now;
              if (path.length === 2) (changed[path[0]] ??= {})[path[1]] = now;
              else changed[path[0]] = now;
            }
            if (Object.keys(changed).length) this.act("surround", { stimulus: changed });
            else this.source.hear.refused("nothing of the stimulus is different");
          }),
        ),
      );
    if (can.current_mm_s) {
      const input = this._input(can.current_mm_s, "velocity of the water x, y, z, mm/s");
      parts.push(make("label", { className: "value" }, "water, mm/s", input));
      parts.push(
        row(button("Change the current", () => this.act("surround", { current_mm_s: this._valueOf(input) }))),
      );
    }
    if (can.belt_mm_s !== null) {
      const input = this._input(can.belt_mm_s, "speed of the belt, mm/s");
      parts.push(make("label", { className: "value" }, "belt, mm/s", input));
      parts.push(
        row(button("Change the belt", () => this.act("surround", { belt_mm_s: this._valueOf(input) }))),
      );
    }
    return parts.length ? card("World", ...parts) : null;
  }

  _input(value, name) {
    const kind = typeof value === "boolean" ? "checkbox" : typeof value === "number" ? "number" : "text";
    const input = make("input", { type: kind, ariaLabel: name });
    if (kind === "checkbox") input.checked = value;
    else input.value = Array.isArray(value) ? value.map(round).join(", ") : value;
    if (kind === "number") input.step = "any";
    input.kind = Array.isArray(value) ? "list" : kind;
    input.was = value;
    return input;
  }

  _valueOf(input) {
    if (input.kind === "checkbox") return input.checked;
    if (input.kind === "number") return Number(input.value);
    if (input.kind === "list") return input.value.split(",").map(Number);
    const number = Number(input.value);
    return input.value.trim() !== "" && Number.isFinite(number) ? number : input.value;
  }

  _push(can) {
    const segment = make(
      "select",
      { ariaLabel: "segment to push" },
      ...this.scene.pushable.map((name) => make("option", {}, name)),
    );
    const force = make("input", { type: "number", step: "any", value: can.force_nN, ariaLabel: "force, nN" });
    const time = make("input", {
      type: "number",
      step: "any",
      min: "0.001",
      value: "0.1",
      ariaLabel: "how long the push lasts, s",
    });
    const way = (name, axis) =>
      button(
        name,
        () =>
          this.push(
            segment.value,
            axis.map((x) => x * Number(force.value)),
            Number(time.value),
          ),
        `Push towards ${name}`,
      );
    this.force = force;
    this.pushTime = time;
    return card(
      "Push",
      make("label", { className: "value" }, "segment", segment),
      make("label", { className: "value" }, "force, nN", force),
      make("label", { className: "value" }, "how long, s", time),
      row(
        way("+x", [1, 0, 0]),
        way("−x", [-1, 0, 0]),
        way("+y", [0, 1, 0]),
        way("−y", [0, -1, 0]),
        way("down", [0, 0, -1]),
      ),
    );
  }

  push(segment, force, seconds) {
    this.act("push", { segment, force_nN: force, for_s: seconds });
  }

  _wiring(can) {
    const chemical = make("input", {
      type: "number",
      min: "0",
      step: "any",
      value: "1",
      ariaLabel: "chemical synapses times",
    });
    const gap = make("input", {
      type: "number",
      min: "0",
      step: "any",
      value: "1",
      ariaLabel: "gap junctions times",
    });
    const from = make("input", { type: "text", placeholder: "AWC, AFD", ariaLabel: "pathway from" });
    const onto = make("input", { type: "text", placeholder: "AIY", ariaLabel: "pathway onto" });
    const times = make("input", {
      type: "number",
      min: "0",
      step: "any",
      value: "0",
      ariaLabel: "pathway times",
    });
    const names = (input) => input.value.split(/[\s,]+/).filter(Boolean);
    const shuffle = make("input", { type: "checkbox", ariaLabel: "shuffle the wiring" });
    const controller = make(
      "select",
      { ariaLabel: "controller" },
      ...can.controllers.map((name) => make("option", { selected: name === this.scene.controller }, name)),
    );
    return card(
      "From the beginning",
      make("label", { className: "value" }, "chemical synapses ×", chemical),
      make("label", { className: "value" }, "gap junctions ×", gap),
      make("label", { className: "value" }, "pathway from", from),
      make("label", { className: "value" }, "onto", onto),
      make("label", { className: "value" }, "its contacts × (0 cuts)", times),
      make("label", { className: "value" }, "shuffle the wiring", shuffle),
      make("label", { className: "value" }, "controller", controller),
      row(
        button("Begin again with these", () => {
          const keys = { shuffle_wiring: shuffle.checked };
          if (Number(chemical.value) !== 1) keys.scale_chemical = Number(chemical.value);
          if (Number(gap.value) !== 1) keys.scale_gap_junctions = Number(gap.value);
          if (names(from).length || names(onto).length)
            keys.scale_pathways = [{ pre: names(from), post: names(onto), scale: Number(times.value) }];
          if (controller.value !== this.scene.controller) keys.controller = controller.value;
          this.act("restart", keys);
        }),
      ),
    );
  }

  /** Tell whom the buttons mean. */
  name(text) {
    if (this.whom) this.whom.textContent = text || "none chosen";
  }

  tell(status) {
    const perturb = Object.entries(status.perturb).map(
      ([key, value]) => `from the beginning: ${key} ${JSON.stringify(value)}`,
    );
    const lines = [
      ...perturb,
      ...status.done.map((each) => `${each.t_s.toFixed(3)} s  ${each.act} ${briefly(each.keys)}`),
    ];
    const text = lines.join("\n");
    if (text !== this.told) {
      this.told = text;
      this.done.replaceChildren(...lines.map((line) => make("li", {}, line)));
    }
    const rows = Object.entries(status.metrics || {}).flatMap(([name, [value, unit_]]) => [
      make("dt", {}, name.replaceAll("_", " ")),
      make("dd", {}, `${typeof value === "number" ? round(value) : value} ${unit_ === "1" ? "" : unit_}`),
    ]);
    const [from, to] = status.metrics_s || [0, 0];
    this.span.textContent = rows.length ? `from ${from.toFixed(1)} to ${to.toFixed(1)} s` : "";
    this.metrics.replaceChildren(...(rows.length ? rows : [make("dt", {}, "not yet")]));
  }
}

function briefly(keys) {
  return Object.entries(keys)
    .filter(([, value]) => value !== null && value !== 0 && JSON.stringify(value) !== "{}")
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}
