// Reading what Python wrote into the page: see encoding.py for the layout.

/** Parse the page's data; every motion gets `root` (T, 3) metres, `points` (T, P, 3) quanta around it, and its curves' values. */
export async function readData(text) {
  const page = JSON.parse(text);
  if (typeof DecompressionStream === "undefined") throw new Error("this browser is too old: it needs DecompressionStream (2023 or newer)");
  const bytes = await inflated(page.packed);
  for (const motion of page.motions) {
    const { frames, point_count: points } = motion;
    motion.root = new Float32Array(bytes, motion.root_at, frames * 3);
    motion.points = unpacked(new Uint8Array(bytes, motion.points_at, frames * points * 6), frames, points * 3);
    for (const curve of motion.curves) curve.values = new Float32Array(bytes, curve.values_at, frames);
    if (motion.attention) motion.attention.maps = mapsOf(bytes, motion.attention);
  }
  delete page.packed;
  return page;
}

async function inflated(base64) {
  const raw = atob(base64);
  const packed = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) packed[i] = raw.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/** Two planes of bytes (low, high), each (channels, T), of zigzagged steps over time -> Int16Array (T, channels). */
function unpacked(planes, frames, channels) {
  const out = new Int16Array(frames * channels);
  const high = frames * channels;
  for (let c = 0; c < channels; c++) {
    let value = 0;
    for (let t = 0; t < frames; t++) {
      const zigzag = planes[c * frames + t] | (planes[high + c * frames + t] << 8);
      value = (value + ((zigzag >>> 1) ^ -(zigzag & 1))) << 16 >> 16;
      out[t * channels + c] = value;
    }
  }
  return out;
}

/** For each word its window and shares, (7, T) in 0..255, from their steps. */
function mapsOf(bytes, { words, parts, frames, maps_at: at }) {
  const size = (parts.length + 1) * frames;
  return words.map((_, i) => {
    const map = new Uint8Array(bytes.slice(at + i * size, at + (i + 1) * size));
    for (let k = 0; k < size; k++) if (k % frames) map[k] += map[k - 1]; // modulo 256
    return map;
  });
}

/** Frame of a motion at a time: the frame, the next one, and how far between them. The last frame stands until the end. */
export function frameAt(motion, seconds) {
  const exact = Math.min(Math.max(seconds * motion.fps, 0), motion.frames - 1);
  const nearest = Math.round(exact);
  if (Math.abs(exact - nearest) < 1e-3) return { frame: nearest, next: nearest, share: 0 };
  const frame = Math.floor(exact);
  return { frame, next: frame + 1, share: exact - frame };
}

/** World positions of all points at a time, metres, into `out` (P * 3). */
export function positionsAt(motion, seconds, out) {
  const { frame, next, share } = frameAt(motion, seconds);
  const { points, root, quantum_m: quantum } = motion;
  const n = motion.point_count * 3;
  for (let i = 0; i < n; i++) {
    const axis = i % 3;
    const a = root[frame * 3 + axis] + quantum * points[frame * n + i];
    const b = root[next * 3 + axis] + quantum * points[next * n + i];
    out[i] = a + share * (b - a);
  }
  return out;
}

/** The root's path smoothed over `window` seconds, for a camera that follows without shaking. Float32Array (T * 3). */
export function smoothedRoot(motion, window) {
  const { root, frames, fps } = motion;
  const half = Math.max(0, Math.round((window * fps) / 2));
  const out = new Float32Array(frames * 3);
  for (let axis = 0; axis < 3; axis++) {
    const sums = new Float64Array(frames + 1);
    for (let t = 0; t < frames; t++) sums[t + 1] = sums[t] + root[t * 3 + axis];
    for (let t = 0; t < frames; t++) {
      const from = Math.max(0, t - half), to = Math.min(frames, t + half + 1);
      out[t * 3 + axis] = (sums[to] - sums[from]) / (to - from);
    }
  }
  return out;
}
