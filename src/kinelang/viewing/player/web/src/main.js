// The page: reads its data, builds stage, tracks and controls, and runs the clock.
import { Caption, LIT } from "./attention.js";
import { readData } from "./data.js";
import { Stage } from "./stage.js";
import { add, isActive, round, Tracks } from "./tracks.js";

const SPEEDS = [0.1, 0.25, 0.5, 1, 1.5, 2, 4];
const VIEWS = { 1: [0, 0.1], 2: [Math.PI / 2, 0.1], 3: [Math.PI, 0.1], 4: [0, 1.5], 0: undefined }; // front, left, behind, above, as at first
const ICONS = {
  play: "M6 4l14 8-14 8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  back: "M17 5v14L8 12zM5 5h2.5v14H5z",
  on: "M7 5v14l9-7zM16.5 5H19v14h-2.5z",
};

class Player {
  constructor(page) {
    this.page = page;
    this.duration = page.duration_s;
    this.seconds = 0;
    this.playing = false;
    this.speed = 1;
    this.loop = true;
    this.finest = Math.max(...page.motions.map((motion) => motion.fps));
    this.dirty = true;
    this.view = byId("view");
    this.stage = new Stage(byId("canvas"), page.motions);
    this.stage.controls.addEventListener("change", () => this.redraw());
    this.#overlays();
    this.#controls();
    const several = page.motions.length > 1, told = { several, onSeek: (seconds) => this.seek(seconds), onChange: () => this.redraw() };
    this.captions = page.motions.map((motion) => motion.attention && new Caption(byId("captions"), motion, told));
    this.tracks = new Tracks(byId("tracks"), page, { seconds: 0, onSeek: (seconds) => this.seek(seconds) });
    this.#theme();
    new ResizeObserver(() => this.redraw()).observe(this.view);
    document.addEventListener("keydown", (event) => this.#key(event));
    this.seek(startSecond());
    addEventListener("hashchange", () => this.seek(startSecond()));
    requestAnimationFrame((now) => this.#tick(now));
    if (page.autoplay && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.play();
  }

  play() {
    if (this.seconds >= this.duration - 1e-6) this.seek(0);
    this.#setPlaying(true);
  }

  pause() {
    this.#setPlaying(false);
  }

  seek(seconds) {
    this.seconds = Math.min(Math.max(seconds, 0), this.duration);
    this.redraw();
  }

  /** To the next (or an earlier) frame of the motion with most frames a second, and stop there. */
  step(frames) {
    this.pause();
    this.seek(Math.min((Math.round(this.seconds * this.finest) + frames) / this.finest, this.#lastFrame()));
  }

  setSpeed(speed) {
    this.speed = speed;
    this.speedMenu.value = String(speed);
  }

  redraw() {
    this.dirty = true;
  }

  #lastFrame() {
    return Math.max(...this.page.motions.map((motion) => (motion.frames - 1) / motion.fps));
  }

  #setPlaying(playing) {
    this.playing = playing;
    this.last = undefined;
    this.playButton.firstChild.firstChild.setAttribute("d", ICONS[playing ? "pause" : "play"]);
    this.playButton.title = this.playButton.ariaLabel = playing ? "Pause (space)" : "Play (space)";
    this.playButton.setAttribute("aria-pressed", String(playing));
    this.redraw();
  }

  #tick(now) {
    requestAnimationFrame((next) => this.#tick(next));
    if (this.playing) {
      if (this.last !== undefined) this.#advance((Math.min(now - this.last, 250) / 1000) * this.speed);
      this.last = now;
    }
    if (this.dirty) this.#draw();
  }

  #advance(seconds) {
    const to = this.seconds + seconds;
    if (to < this.duration) return this.seek(to);
    if (this.loop) return this.seek(this.duration > 0 ? to % this.duration : 0);
    this.seek(this.duration);
    return this.pause();
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.view;
    if (!width || !height) return;
    this.dirty = false;
    const panes = this.#panes(width, height);
    this.stage.seek(this.seconds);
    this.#light();
    this.stage.render(panes, width, height);
    this.overlays.forEach((overlay, i) => this.#place(overlay, panes[this.stage.together ? 0 : i], i));
    this.tracks.show(this.seconds);
    const frame = Math.min(Math.floor(this.seconds * this.finest + 1e-3), Math.round(this.#lastFrame() * this.finest));
    this.time.textContent = `${this.seconds.toFixed(2)} / ${this.duration.toFixed(2)} s`;
    this.frame.textContent = `frame ${frame}`;
  }

  /** The limbs and the time of the word that is lit. */
  #light() {
    this.captions.forEach((caption, i) => {
      if (!caption) return;
      const { word, window, shares } = caption.show(this.seconds);
      this.stage.actors[i].figure.light(shares, window);
      this.tracks.heats.get(caption.motion).show(word, this.dark ? LIT.dark : LIT.light);
    });
  }

  /** Equal boxes, as many beside each other as keeps them closest to the shape of a standing figure. */
  #panes(width, height) {
    const n = this.stage.together ? 1 : this.page.motions.length;
    const misfit = (columns) => Math.abs(Math.log(width / columns / (height / Math.ceil(n / columns)) / 0.85));
    const columns = [...Array(n).keys()].map((k) => k + 1).sort((a, b) => misfit(a) - misfit(b))[0];
    const rows = Math.ceil(n / columns);
    return [...Array(n).keys()].map((i) => ({
      x: ((i % columns) * width) / columns, y: (Math.floor(i / columns) * height) / rows, width: width / columns, height: height / rows,
    }));
  }

  #overlays() {
    this.overlays = this.page.motions.map((motion) => {
      const box = add(this.view, "section", "overlay");
      const head = add(box, "h2", "", motion.name || "motion");
      head.title = motion.name;
      add(box, "p", "facts", motion.facts);
      return { box, motion, chips: add(box, "div", "chips"), shown: "" };
    });
  }

  #place({ box, motion, chips }, pane, i) {
    const overlay = this.overlays[i], { together } = this.stage;
    box.classList.toggle("tag", together);
    box.classList.toggle("small", pane.width < 300 || pane.height < 200);
    if (together) {
      const { x, y, hidden } = this.stage.tag(i, pane);
      box.hidden = hidden;
      Object.assign(box.style, { left: `${x}px`, top: `${y}px`, width: "", height: "" });
    } else {
      box.hidden = false;
      Object.assign(box.style, { left: `${pane.x}px`, top: `${pane.y}px`, width: `${pane.width}px`, height: `${pane.height}px` });
      box.classList.toggle("first-column", pane.x === 0);
      box.classList.toggle("first-row", pane.y === 0);
    }
    const active = this.seconds > motion.duration_s + 1e-6 ? [] : motion.tracks.flatMap((t) => t.lanes.flat()).filter((m) => isActive(m, this.seconds, motion.duration_s));
    const shown = active.map((m) => m.label + m.colour).join("\n");
    if (shown === overlay.shown) return;
    overlay.shown = shown;
    chips.replaceChildren(...active.map((mark) => {
      const chip = document.createElement("span");
      chip.textContent = mark.label;
      chip.style.setProperty("--colour", mark.colour);
      return chip;
    }));
  }

  #controls() {
    const bar = byId("controls");
    this.playButton = this.#button(bar, "play", "Play (space)", () => (this.playing ? this.pause() : this.play()));
    this.#button(bar, "back", "Frame back (←)", () => this.step(-1));
    this.#button(bar, "on", "Frame on (→)", () => this.step(1));
    this.time = add(bar, "output", "time");
    this.frame = add(bar, "output", "frame");
    add(bar, "div", "space");
    this.speedMenu = add(bar, "select");
    this.speedMenu.ariaLabel = this.speedMenu.title = "Speed (↑ ↓)";
    for (const speed of SPEEDS) add(this.speedMenu, "option", "", `${speed}×`).value = String(speed);
    this.speedMenu.addEventListener("change", () => this.setSpeed(Number(this.speedMenu.value)));
    this.setSpeed(1);
    this.loopButton = this.#toggle(bar, "Loop", "Begin again at the end (L)", this.loop, (on) => (this.loop = on));
    this.followButton = this.#toggle(bar, "Follow", "The camera goes with the figure (F)", this.stage.follow, (on) => {
      this.stage.follow = on;
      this.stage.place();
      this.stage.resetView(this.stage.controls.getAzimuthalAngle(), Math.PI / 2 - this.stage.controls.getPolarAngle());
    });
    this.pathButton = this.#toggle(bar, "Path", "The root's path on the ground (P)", true, (on) => this.stage.showPaths(on));
    if (this.page.motions.length > 1) {
      this.togetherButton = this.#toggle(bar, "One room", "All figures where they were recorded (O)", false, (on) => {
        this.stage.together = on;
        this.stage.place();
        this.stage.resetView();
      });
    }
    const help = byId("help");
    const button = add(bar, "button", "", "?");
    button.type = "button";
    button.ariaLabel = button.title = "Keys (?)";
    this.toggleHelp = () => (help.open ? help.close() : help.showModal());
    button.addEventListener("click", this.toggleHelp);
    help.addEventListener("click", () => help.close());
  }

  #button(bar, icon, title, act) {
    const button = add(bar, "button", "icon");
    button.type = "button";
    button.ariaLabel = button.title = title;
    button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
    button.firstChild.replaceChildren(button.firstChild.querySelector("path"));
    button.addEventListener("click", act);
    return button;
  }

  #toggle(bar, text, title, on, act) {
    const button = add(bar, "button", "toggle", text);
    button.type = "button";
    button.title = title;
    button.setAttribute("aria-pressed", String(on));
    button.addEventListener("click", () => {
      const now = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(now));
      act(now);
      this.redraw();
    });
    return button;
  }

  #theme() {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
      this.dark = dark.matches;
      this.stage.setDark(dark.matches);
      this.redraw();
    };
    dark.addEventListener("change", apply);
    apply();
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select")) return;
    const { stage } = this;
    const faster = (by) => this.setSpeed(SPEEDS[Math.min(Math.max(SPEEDS.indexOf(this.speed) + by, 0), SPEEDS.length - 1)]);
    const pressed = event.target.closest("button") && (event.key === " " || event.key === "Enter");
    const keys = {
      " ": () => (this.playing ? this.pause() : this.play()),
      ArrowLeft: () => this.step(event.shiftKey ? -10 : -1),
      ArrowRight: () => this.step(event.shiftKey ? 10 : 1),
      ArrowUp: () => faster(1),
      ArrowDown: () => faster(-1),
      Home: () => this.seek(0),
      End: () => this.seek(this.duration),
      l: () => this.loopButton.click(),
      f: () => this.followButton.click(),
      p: () => this.pathButton.click(),
      o: () => this.togetherButton?.click(),
      a: () => stage.orbit(-0.12, 0),
      d: () => stage.orbit(0.12, 0),
      w: () => stage.orbit(0, 0.08),
      s: () => stage.orbit(0, -0.08),
      "+": () => stage.orbit(0, 0, 1.12),
      "-": () => stage.orbit(0, 0, 1 / 1.12),
      z: () => this.tracks.magnify(1.5),
      x: () => this.tracks.magnify(1 / 1.5),
      "[": () => this.captions.forEach((caption) => caption?.step(-1)),
      "]": () => this.captions.forEach((caption) => caption?.step(1)),
      Escape: () => this.captions.forEach((caption) => caption?.choose(null)),
      "?": () => this.toggleHelp(),
    };
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const view = key in VIEWS ? () => stage.resetView(...(VIEWS[key] ?? [])) : undefined;
    const act = keys[key] ?? view;
    if (!act || pressed || (byId("help").open && key !== "?")) return;
    event.preventDefault();
    act();
    this.redraw();
  }
}

function byId(id) {
  return document.getElementById(id);
}

/** `#t=12.5` at the end of the page's address opens it at that second. */
function startSecond() {
  return round(Number(/[#&]t=([\d.]+)/.exec(location.hash)?.[1] ?? 0)) || 0;
}

async function main() {
  try {
    window.player = new Player(await readData(byId("data").textContent));
  } catch (error) {
    const told = byId("trouble");
    told.hidden = false;
    told.textContent = `The player cannot start: ${error.message}`;
    throw error;
  }
}

main();
