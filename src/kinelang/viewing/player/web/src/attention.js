// A caption and what its words look at: words to choose from, their gates, and the limbs and times that the lit word lights up.
import { add } from "./tracks.js";

export const LIT = { light: "#c2187a", dark: "#ff74bd" };
const OVER = 0.5; // a word's time is where its window exceeds this

/** The words of one motion's caption. */
export class Caption {
  constructor(root, motion, { several, onSeek, onChange }) {
    Object.assign(this, { motion, onSeek, onChange, attention: motion.attention, chosen: null });
    const line = add(root, "section", "caption");
    line.setAttribute("aria-label", several ? `caption of ${motion.name}` : "caption");
    if (several) add(line, "b", "", motion.name);
    const words = add(line, "p");
    this.buttons = this.attention.words.map((word, i) => this.#word(words, word, i));
    add(line, "small", "", this.attention.source);
  }

  #word(line, word, i) {
    const button = add(line, "button", word.motion ? "word motion" : "word");
    button.type = "button";
    button.title = [word.text, word.note].filter(Boolean).join("\n");
    button.setAttribute("aria-pressed", "false");
    add(button, "span", "", word.text);
    const gate = add(button, "i", "gate");
    gate.hidden = word.gate === null;
    gate.style.setProperty("--gate", String(word.gate ?? 0));
    button.addEventListener("click", () => this.choose(this.chosen === i ? null : i));
    return button;
  }

  /** Light up a word whatever the time is; null: the one that is told at the moment. */
  choose(i) {
    this.chosen = i;
    if (i !== null && this.#peak(i) > OVER && this.#window(i, this.frame) <= OVER) {
      const from = this.attention.maps[i].findIndex((value, t) => t < this.attention.frames && value > 255 * OVER);
      this.onSeek(from / this.attention.fps);
    }
    this.onChange();
  }

  /** The next word that tells of motion, or the one before. */
  step(by) {
    const shown = this.attention.words.flatMap((word, i) => (word.motion ? [i] : []));
    if (!shown.length) return;
    const at = shown.indexOf(this.chosen ?? this.#told());
    this.choose(shown[(at + by + (at < 0 && by < 0 ? 1 : 0) + shown.length) % shown.length]);
  }

  /** Light up what belongs to a time; returns the lit word's number or null, its window now, and the shares of the parts. */
  show(seconds) {
    const { fps, frames, parts, maps } = this.attention;
    this.frame = Math.min(Math.max(Math.floor(seconds * fps + 1e-3), 0), frames - 1);
    const word = this.chosen ?? this.#told();
    this.buttons.forEach((button, i) => {
      button.classList.toggle("lit", i === word);
      button.setAttribute("aria-pressed", String(i === this.chosen));
      button.style.setProperty("--now", String(this.#window(i, this.frame)));
    });
    if (word === null) return { word, window: 0, shares: parts.map(() => 0) };
    return { word, window: this.#window(word, this.frame), shares: parts.map((_, p) => maps[word][(p + 1) * frames + this.frame] / 255) };
  }

  /** Of the words that tell of motion and whose time it is, the one said most from it. */
  #told() {
    let best = null, most = 0;
    this.attention.words.forEach((word, i) => {
      const now = this.#window(i, this.frame);
      if (word.motion && now > OVER && now * (word.gate ?? 1) > most + 1e-6) [best, most] = [i, now * (word.gate ?? 1)];
    });
    return best;
  }

  #window(i, frame) {
    return this.attention.maps[i][frame] / 255;
  }

  #peak(i) {
    return Math.max(...this.attention.maps[i].subarray(0, this.attention.frames)) / 255;
  }
}

/** Rows under the picture: the time of the lit word, and how much it looks at which part when. `row` makes an empty one. */
export class Heat {
  constructor(motion, row, duration) {
    this.attention = motion.attention;
    const { fps, frames, parts } = this.attention;
    this.drawn = "";
    this.canvases = [["window", 1], ["parts", parts.length]].map(([kind, height]) => {
      const { name, inner } = row(`heat ${kind}`);
      const canvas = add(inner, "canvas");
      Object.assign(canvas, { width: frames, height });
      canvas.style.width = `${(100 * frames) / fps / duration}%`;
      if (kind === "window") this.name = name;
      else for (const part of parts) add(name, "span", "", part);
      return canvas;
    });
  }

  /** Draw a word's maps; null: none. */
  show(word, colour) {
    if (this.drawn === `${word} ${colour}`) return;
    this.drawn = `${word} ${colour}`;
    const { frames, words, maps } = this.attention;
    this.name.textContent = word === null ? "word" : words[word].text;
    const rgb = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    this.canvases.forEach((canvas, k) => {
      const context = canvas.getContext("2d"), image = context.createImageData(canvas.width, canvas.height);
      for (let i = 0; word !== null && i < canvas.width * canvas.height; i++) {
        const window = maps[word][i % frames];
        image.data.set(rgb, 4 * i);
        image.data[4 * i + 3] = k ? Math.round((window * maps[word][frames + i]) / 255) : window;
      }
      context.putImageData(image, 0, 0);
    });
  }
}
