// What the browser does by itself: gather the view, keep one request under way, write the link.
(() => {
  "use strict";
  const none = () => window.dash_clientside.no_update;
  const triggered = (prefix) => (window.dash_clientside.callback_context.triggered || [])
    .some((each) => each.prop_id.startsWith(prefix));
  const MOVE = "m.", LOCAL = "m.local-", PATIENCE = 8000;
  let sent = 0, sentAt = 0, back = false;

  const defaults = {start: "seed", seed: "0", z: "", a: "", b: "", t: "0.5", psi: "1", show: "one", channels: ""};

  const link = (wanted) => {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(wanted)) {
      const unused = (key === "z" && wanted.start !== "given") || (key === "t" && wanted.start !== "between");
      if (key !== "n" && !unused && String(value) !== (defaults[key] ?? "")) query.set(key, value);
    }
    const text = query.toString();
    history.replaceState(history.state, "", text ? "?" + text : location.pathname);
  };

  const isSeed = (value) => Number.isInteger(value) && value >= 0 && value <= 2147483647;

  const drop = (wanted, prefix) => {
    for (const key of Object.keys(wanted)) if (key.startsWith(prefix)) delete wanted[key];
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {explorer: {
    // All controls to one plain object, which is the link as well.
    collect(seed, label, attributes, psi, t, moves, base, pins, channels, show, reset, ids, wanted) {
      const next = {...wanted};
      if (triggered("seed.") && isSeed(seed)) { next.seed = String(seed); next.start = "seed"; }
      if (triggered("t.")) next.start = "between";
      if (triggered("base.") && base) { next.start = "given"; next.z = base.z; drop(next, MOVE); }
      else if (triggered("reset.")) drop(next, MOVE);
      else ids.forEach((id, k) => {
        if (moves[k]) next[MOVE + id.name] = String(moves[k]); else delete next[MOVE + id.name];
      });
      if (["seed.", "t.", "psi.", "base."].some(triggered) || triggered('{"kind":"label"')) drop(next, LOCAL);
      if (label.length) next.label = label[0];
      if (attributes.length) next.label = attributes.join(",");
      Object.assign(next, {psi: String(psi), t: String(t), a: pins.a, b: pins.b, show});
      if (channels.length) next.channels = channels[0].join(",");
      const {n: _, ...before} = wanted, {n: __, ...after} = next;
      if (JSON.stringify(before) === JSON.stringify(after)) return none();
      next.n = wanted.n + 1;
      link(next);
      return next;
    },

    // One request at a time, and always the newest: a slider that is dragged stays live.
    send(wanted, shown) {
      if (!wanted || wanted.n === sent) return none();
      const busy = sent && (!shown || shown.n !== sent) && performance.now() - sentAt < PATIENCE;
      if (busy) return none();
      sent = wanted.n;
      sentAt = performance.now();
      return wanted;
    },

    zero(_, base, ids) {
      const psi = triggered("reset.") ? 1 : none();
      return [ids.map(() => 0), psi];
    },

    labelled(base, label, attributes) {
      if (!base || base.label === undefined) return [label.map(none), attributes.map(none)];
      const numbers = String(base.label).split(",").map(Number);
      return [label.map(() => base.label), attributes.map((_, k) => numbers[k])];
    },

    read_out(_, __, ___, ____, count) {
      requestAnimationFrame(readOut);
      return count;
    },

    another(_, cells, seed, show) {
      const trigger = window.dash_clientside.callback_context.triggered[0];
      if (!trigger || !trigger.value) return [none(), none()];
      if (trigger.prop_id.startsWith("dice.")) {
        return [(isSeed(seed) ? seed : 0) + (show === "many" ? 24 : 1), none()];
      }
      return [JSON.parse(trigger.prop_id.slice(0, trigger.prop_id.lastIndexOf("."))).seed, "one"];
    },

    forget_local() { return []; },

    pin(_, __, shown, pins) {
      if (!shown || !shown.z) return none();
      return {...pins, [triggered("pin-a.") ? "a" : "b"]: shown.z};
    },

    toggle(_, stopped) {
      return [!stopped, stopped ? "Pause" : "Play", stopped ? "true" : "false"];
    },

    advance(_, t) {
      const next = Math.round(100 * (Number(t) + (back ? -0.02 : 0.02))) / 100;
      if (next >= 1) back = true;
      if (next <= 0) back = false;
      return Math.min(1, Math.max(0, next));
    },

    copy_link() {
      if (!navigator.clipboard) return "Copy the address of this page: it is the link.";
      navigator.clipboard.writeText(location.href).catch(() => {});
      return "Copied. The part behind ? is the view; the secret before it changes at each start.";
    },

    mark_here(shown, figure, kind) {
      place = shown && shown.places ? shown.places[kind] || Object.values(shown.places)[0] : place;
      requestAnimationFrame(mark);
      return !place;
    },
  }});

  // Dash calls the labels of radio buttons options of a list, which hides the buttons in them.
  const plain = () => {
    for (const each of document.querySelectorAll(".chips [role=option], .chips[role=listbox], .chips [role=listbox]")) {
      each.removeAttribute("role");
      each.removeAttribute("aria-selected");
    }
  };

  const readOut = () => {
    plain();
    for (const output of document.querySelectorAll("output[data-of]")) {
      const input = document.getElementById(output.dataset.of);
      if (!input) continue;
      const value = Number(input.value);
      const text = (input.min < 0 && value > 0 ? "+" : "") + value.toFixed(2).replace("-", "\u2212");
      if (output.textContent !== text) output.textContent = text;
      const share = (value - input.min) / (input.max - input.min);
      input.style.setProperty("--at", (100 * share).toFixed(1) + "%");
      input.style.setProperty("--from", input.min < 0 ? "50%" : "0%");
      input.setAttribute("aria-valuetext", text);
    }
  };
  document.addEventListener("input", (event) => { if (event.target.type === "range") readOut(); });

  // The map: its axes tell where a click went, and where the mark belongs.
  let place = null;
  const axes = () => {
    const graph = document.querySelector("#map .js-plotly-plot");
    const layout = graph && graph._fullLayout;
    return layout && layout.xaxis ? {graph, x: layout.xaxis, y: layout.yaxis} : null;
  };
  const mark = () => {
    const found = axes(), here = document.getElementById("here");
    if (!here || !place) return;
    if (!found) { setTimeout(mark, 100); return; }
    const within = (value, most) => Math.min(most, Math.max(0, value));
    const x = found.x._offset + within(found.x.d2p(place[0]), found.x._length);
    const y = found.y._offset + within(found.y.d2p(place[1]), found.y._length);
    here.style.transform = `translate(${x}px, ${y}px)`;
  };
  document.addEventListener("click", (event) => {
    const frame = event.target.closest && event.target.closest("#map-frame");
    const found = frame && axes();
    if (!found) return;
    const box = found.graph.getBoundingClientRect();
    const x = event.clientX - box.left - found.x._offset, y = event.clientY - box.top - found.y._offset;
    if (x < 0 || y < 0 || x > found.x._length || y > found.y._length) return;
    window.dash_clientside.set_props("clicked", {data: {x: found.x.p2d(x), y: found.y.p2d(y), at: Date.now()}});
  }, true);
  // Dash passes over a file that is too large without a word.
  const weigh = (event, files) => {
    const box = event.target.closest && event.target.closest("[data-most]");
    const most = box && Number(box.dataset.most);
    if (!box || ![...(files || [])].some((file) => file.size > most)) return;
    const words = `The file is larger than ${most / 2 ** 20} MB; choose a smaller one.`;
    window.dash_clientside.set_props("inverted", {children: words});
  };
  document.addEventListener("change", (event) => weigh(event, event.target.files), true);
  document.addEventListener("drop", (event) => weigh(event, event.dataTransfer && event.dataTransfer.files), true);
  window.addEventListener("resize", () => requestAnimationFrame(mark));
})();
