// What stands under the picture: the ruler to scrub on, rows of labelled intervals, curves; one playhead over all of them.
import { Heat } from "./attention.js";
import { frameAt } from "./data.js";

const SVG = "http://www.w3.org/2000/svg";
const CURVE_POINTS = 3000;
const MOST_SHOWN_PX_PER_S = 600;

export class Tracks {
  constructor(root, page, { onSeek, seconds }) {
    this.root = root;
    this.page = page;
    this.onSeek = onSeek;
    this.duration = page.duration_s;
    this.marks = [];
    this.curves = [];
    this.heats = new Map();
    this.seconds = seconds;
    this.zoom = 1; // how many times longer than the window the whole duration is drawn
    this.from = 0; // share of the duration at the window's left edge
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
    const lane = add(row, "div", "lane");
    return { row, name, lane, inner: add(lane, "div", "inner") };
  }

  #ruler(seconds) {
    const { lane, name, inner } = this.#row("seconds", "ruler-row", "");
    this.ruler = lane;
    this.unit = name;
    lane.id = "scrubber";
    lane.tabIndex = 0;
    lane.setAttribute("role", "slider");
    lane.setAttribute("aria-label", "time");
    lane.setAttribute("aria-valuemin", "0");
    lane.setAttribute("aria-valuemax", String(round(this.duration)));
    this.ticks = add(inner, "div", "ticks");
    this.done = add(inner, "div", "done");
    this.#announce(seconds);
  }

  #rowsOf(motion) {
    const several = this.page.motions.length > 1;
    if (motion.attention) this.heats.set(motion, new Heat(motion, (kind) => this.#row("", kind, several ? motion.name : ""), this.duration));
    for (const track of motion.tracks) {
      const words = [several ? motion.name : "", track.name].filter(Boolean).join(" · ");
      track.lanes.forEach((lane, i) => {
        const row = this.#row(i ? "" : words || "intervals", "marks", words);
        for (const mark of lane) this.#mark(row.inner, mark);
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
    const { row, name, lane, inner } = this.#row("", "curve", words);
    add(name, "span", "", words);
    const value = add(name, "output", "");
    const { least, most, low, high, paths } = curveShape(motion, curve, this.duration);
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 1000 100");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    if (low < 0 && high > 0) svgPath(svg, `M0 ${100 - (100 * -low) / (high - low)}H1000`, "zero");
    svgPath(svg, paths, "line").style.setProperty("--colour", curve.colour);
    inner.append(svg);
    add(lane, "span", "high", figures(most));
    add(lane, "span", "low", figures(least));
    row.title = curve.unit ? `${words}, ${curve.unit}` : words;
    const dot = add(inner, "b", "dot");
    dot.style.setProperty("--colour", curve.colour);
    this.curves.push({ motion, curve, value, dot, low, high });
  }

  #percent(seconds) {
    return `${(100 * Math.min(Math.max(seconds, 0), this.duration)) / this.duration}%`;
  }

  #scrubbing() {
    let dragged = null;
    const move = (event) => {
      this.onSeek(this.duration * (this.from + this.#across(event) / this.zoom));
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
    this.root.addEventListener("wheel", (event) => {
      if (event.ctrlKey || event.metaKey) this.magnify(Math.exp(-event.deltaY / 300), this.#across(event));
      else if (this.zoom > 1 && event.deltaX) this.#look(this.from + event.deltaX / this.ruler.clientWidth / this.zoom);
      else return;
      event.preventDefault();
    }, { passive: false });
  }

  /** Where a pointer is across the window of time, 0 to 1. */
  #across(event) {
    const box = this.ruler.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  }

  /** Draw time longer by a factor, keeping in place what stands at a share of the window (by default the playhead). */
  magnify(factor, share = (this.seconds / this.duration - this.from) * this.zoom) {
    const kept = this.from + share / this.zoom;
    const most = Math.max(1, (MOST_SHOWN_PX_PER_S * this.duration) / this.ruler.clientWidth);
    this.zoom = Math.min(Math.max(this.zoom * factor, 1), most);
    this.#look(kept - share / this.zoom);
    this.#drawTicks();
  }

  #look(from) {
    this.from = Math.min(Math.max(from, 0), 1 - 1 / this.zoom);
    this.root.classList.toggle("zoomed", this.zoom > 1);
    this.root.style.setProperty("--zoom", String(this.zoom));
    this.root.style.setProperty("--from", String(this.from));
    this.#placeHead();
    for (const { block, start_s } of this.marks) { // a label stays in sight while its block is
      const hidden = (this.from - start_s / this.duration) * this.zoom * this.ruler.clientWidth;
      block.firstChild.style.marginLeft = hidden > 0 ? `${hidden}px` : "";
    }
  }

  #placeHead() {
    const at = (this.seconds / this.duration - this.from) * this.zoom;
    this.head.hidden = at < -1e-6 || at > 1 + 1e-6;
    this.head.style.setProperty("--at", String(at));
  }

  #drawTicks() {
    const width = this.ruler.clientWidth * this.zoom;
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
    const moved = seconds !== this.seconds;
    this.seconds = seconds;
    const share = seconds / this.duration, shown = (share - this.from) * this.zoom;
    if (moved && (shown < 0 || shown > 1)) this.#look(share - 0.1 / this.zoom);
    this.#placeHead();
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
  const [smallest, largest] = [low, high];
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
  return { least: smallest, most: largest, low, high, paths };
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
