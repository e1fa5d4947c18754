// What stands under the picture: the ruler to scrub on, rows of labelled intervals, curves; one playhead over all of them.
import { frameAt } from "./data.js";

const SVG = "http://www.w3.org/2000/svg";
const CURVE_POINTS = 900;

export class Tracks {
  constructor(root, page, { onSeek, seconds }) {
    this.root = root;
    this.page = page;
    this.onSeek = onSeek;
    this.duration = page.duration_s;
    this.marks = [];
    this.curves = [];
    this.#ruler(seconds);
    for (const motion of page.motions) this.#rowsOf(motion);
    this.head = add(root, "div", "playhead");
    this.headLine = add(this.head, "i");
    this.#scrubbing();
    this.#drawTicks();
    new ResizeObserver(() => this.#drawTicks()).observe(this.ruler);
  }

  #row(label, kind, title = label) {
    const row = add(this.root, "div", `row ${kind}`);
    const name = add(row, "div", "name", label);
    name.title = title;
    return { row, name, lane: add(row, "div", "lane") };
  }

  #ruler(seconds) {
    const { lane, name } = this.#row("seconds", "ruler-row", "");
    this.ruler = lane;
    this.unit = name;
    lane.id = "scrubber";
    lane.tabIndex = 0;
    lane.setAttribute("role", "slider");
    lane.setAttribute("aria-label", "time");
    lane.setAttribute("aria-valuemin", "0");
    lane.setAttribute("aria-valuemax", String(round(this.duration)));
    this.ticks = add(lane, "div", "ticks");
    this.done = add(lane, "div", "done");
    this.#announce(seconds);
  }

  #rowsOf(motion) {
    const several = this.page.motions.length > 1;
    for (const track of motion.tracks) {
      const words = [several ? motion.name : "", track.name].filter(Boolean).join(" · ");
      track.lanes.forEach((lane, i) => {
        const row = this.#row(i ? "" : words || "intervals", "marks", words);
        for (const mark of lane) this.#mark(row.lane, mark);
      });
    }
    for (const curve of motion.curves) this.#curve(motion, curve, several ? `${motion.name} · ${curve.name}` : curve.name);
  }

  #mark(lane, mark) {
    const block = add(lane, "button", "mark");
    const sure = mark.confidence === null ? "" : `, ${Math.round(100 * mark.confidence)} % sure`;
    const times = `${round(mark.start_s)} s to ${round(mark.end_s)} s`;
    add(block, "span", "", mark.label);
    block.type = "button";
    block.title = [`${mark.label}\n${times}${sure}`, mark.note].filter(Boolean).join("\n");
    block.setAttribute("aria-label", `${mark.label}, ${times}${sure}`);
    block.style.setProperty("--colour", mark.colour);
    block.style.left = this.#percent(mark.start_s);
    block.style.width = `max(3px, ${(100 * (mark.end_s - mark.start_s)) / this.duration}%)`;
    if (mark.confidence !== null) block.style.setProperty("--sure", String(0.35 + 0.65 * mark.confidence));
    block.addEventListener("click", () => this.onSeek(mark.start_s));
    this.marks.push({ ...mark, block });
  }

  #curve(motion, curve, words) {
    const { row, name, lane } = this.#row("", "curve", words);
    add(name, "span", "", words);
    const value = add(name, "output", "");
    const { low, high, paths } = curveShape(motion, curve, this.duration);
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 1000 100");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    if (low < 0 && high > 0) svgPath(svg, `M0 ${100 - (100 * -low) / (high - low)}H1000`, "zero");
    svgPath(svg, paths, "line").style.setProperty("--colour", curve.colour);
    lane.append(svg);
    add(lane, "span", "high", figures(high));
    add(lane, "span", "low", figures(low));
    row.title = curve.unit ? `${words}, ${curve.unit}` : words;
    const dot = add(lane, "b", "dot");
    dot.style.setProperty("--colour", curve.colour);
    this.curves.push({ motion, curve, value, dot, low, high });
  }

  #percent(seconds) {
    return `${(100 * Math.min(Math.max(seconds, 0), this.duration)) / this.duration}%`;
  }

  #scrubbing() {
    let dragged = null;
    const move = (event) => {
      const box = this.ruler.getBoundingClientRect();
      this.onSeek((this.duration * Math.min(Math.max(event.clientX - box.left, 0), box.width)) / box.width);
    };
    this.root.addEventListener("pointerdown", (event) => {
      if (event.button || !event.target.closest(".lane") || event.target.closest(".mark")) return;
      dragged = event.pointerId;
      this.root.setPointerCapture(dragged);
      this.ruler.focus({ preventScroll: true });
      move(event);
      event.preventDefault();
    });
    this.root.addEventListener("pointermove", (event) => event.pointerId === dragged && move(event));
    for (const end of ["pointerup", "pointercancel"]) this.root.addEventListener(end, () => (dragged = null));
  }

  #drawTicks() {
    const width = this.ruler.clientWidth;
    if (!width) return;
    const steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];
    const step = steps.find((s) => (s / this.duration) * width > 46) ?? 1200;
    this.unit.textContent = step >= 60 ? "min : s" : "seconds";
    this.ticks.replaceChildren();
    for (let k = 0; k * step <= this.duration + 1e-9; k++) {
      const tick = add(this.ticks, "span", "", step >= 60 ? clock(k * step) : String(round(k * step)));
      tick.style.left = this.#percent(k * step);
    }
  }

  #announce(seconds) {
    this.ruler.setAttribute("aria-valuenow", String(round(seconds)));
    this.ruler.setAttribute("aria-valuetext", `${round(seconds)} of ${round(this.duration)} seconds`);
  }

  /** Move the playhead; light up what is active. */
  show(seconds) {
    const share = this.duration ? seconds / this.duration : 0;
    this.head.style.setProperty("--at", String(share));
    this.done.style.width = `${100 * share}%`;
    this.#announce(seconds);
    for (const mark of this.marks) mark.block.classList.toggle("active", isActive(mark, seconds, this.duration));
    for (const { motion, curve, value, dot, low, high } of this.curves) {
      const { frame, next, share: part } = frameAt(motion, seconds);
      const now = curve.values[frame] + part * (curve.values[next] - curve.values[frame]);
      const there = Number.isFinite(now);
      value.textContent = there ? `${figures(now)}${curve.unit ? `\u202f${curve.unit}` : ""}` : "–";
      dot.hidden = !there;
      dot.style.left = this.#percent(seconds);
      dot.style.top = `${100 - (100 * (now - low)) / (high - low)}%`;
    }
  }
}

/** Whether a mark applies at a time: from its start up to, not including, its end; the last moment counts as before it. */
export function isActive(mark, seconds, duration) {
  const at = Math.min(seconds, duration - 1e-4);
  return mark.start_s <= at + 1e-6 && (at < mark.end_s - 1e-6 || mark.start_s === mark.end_s && Math.abs(at - mark.start_s) < 0.02);
}

/** SVG path of a curve in a box 1000 by 100, broken where values are missing; thinned to lowest and highest of each stretch. */
function curveShape(motion, { values }, duration) {
  let low = Infinity, high = -Infinity;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (!(low <= high)) [low, high] = [0, 1];
  const margin = (high - low) * 0.08 || 1;
  low -= margin;
  high += margin;
  const bucket = Math.max(1, Math.ceil(values.length / CURVE_POINTS));
  const picked = [];
  for (let from = 0; from < values.length; from += bucket) {
    let least = from, most = from;
    for (let i = from; i < Math.min(from + bucket, values.length); i++) {
      if (values[i] < values[least]) least = i;
      if (values[i] > values[most]) most = i;
    }
    picked.push(...(least === most ? [least] : [Math.min(least, most), Math.max(least, most)]));
  }
  let paths = "", pen = false;
  for (const i of picked) {
    if (Number.isFinite(values[i])) {
      const x = (1000 * i) / motion.fps / duration, y = 100 - (100 * (values[i] - low)) / (high - low);
      paths += `${pen ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`;
    }
    pen = Number.isFinite(values[i]);
  }
  return { low, high, paths };
}

function svgPath(svg, shape, name) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", shape);
  path.setAttribute("class", name);
  path.setAttribute("vector-effect", "non-scaling-stroke");
  svg.append(path);
  return path;
}

/** A new element at the end of another. */
export function add(parent, tag, name = "", text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  parent.append(element);
  return element;
}

export function round(seconds) {
  return Math.round(seconds * 100) / 100;
}

export function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

function figures(value) {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2).replace(/^-/, "\u2212");
}
