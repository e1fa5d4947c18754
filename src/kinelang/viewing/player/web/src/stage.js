// The room the figures move in: lights, ground, paths, one camera rig for all panes.
import {
  BufferAttribute, BufferGeometry, Color, DirectionalLight, DoubleSide, Group, HemisphereLight, Mesh, MeshBasicMaterial, PCFShadowMap,
  PerspectiveCamera, PlaneGeometry, Scene, ShaderMaterial, ShadowMaterial, Vector2, Vector3, WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { LIT } from "./attention.js";
import { frameAt, smoothedRoot } from "./data.js";
import { Figure } from "./figure.js";

const AZIMUTH = (35 * Math.PI) / 180, ELEVATION = (14 * Math.PI) / 180; // as on contact sheets
const FIELD_OF_VIEW = 30;
const FOLLOW_WINDOW_S = 0.6;
const MIDDLES = ["#6a7480", "#7a5a86", "#4d7562", "#86633f", "#5a6f8f", "#80535c"]; // trunks, to tell figures in one room apart
const MIDDLES_DARK = ["#c3cad3", "#c7add3", "#a8cfba", "#d8bb97", "#aec3e4", "#d8a9b2"];
const LIGHT = { left: "#1f6fb8", right: "#e07a1f", face: "#2b3138", grid: "#9aa5b1", path: "#6b7682", shadow: 0.22, sky: "#ffffff", earth: "#b9bfc6" };
const DARK = { left: "#3f8fdc", right: "#f08c33", face: "#2b3138", grid: "#56616d", path: "#aab4bf", shadow: 0.5, sky: "#f4f7ff", earth: "#5a616b" };

export class Stage {
  constructor(canvas, motions) {
    this.canvas = canvas;
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true, preserveDrawingBuffer: true });
    this.renderer.setPixelRatio(Math.min(devicePixelRatio || 1, 2));
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.renderer.setScissorTest(true);
    this.scene = new Scene();
    this.actors = motions.map((motion) => new Actor(motion));
    for (const actor of this.actors) this.scene.add(actor.group);
    this.height = Math.max(...motions.map((m) => m.height_m));
    this.together = false;
    this.follow = this.actors.some((actor) => actor.span > 0.9 * this.height);
    this.camera = new PerspectiveCamera(FIELD_OF_VIEW, 1, 0.02 * this.height, 400 * this.height);
    this.rig = new PerspectiveCamera(FIELD_OF_VIEW, 1, 0.1, 10);
    this.controls = new OrbitControls(this.rig, canvas);
    this.controls.enableDamping = false;
    this.controls.maxPolarAngle = 0.53 * Math.PI;
    this.controls.minDistance = 0.4 * this.height;
    this.controls.maxDistance = 120 * this.height;
    this.#light();
    this.#ground();
    this.place();
    this.resetView();
  }

  #light() {
    this.ambient = new HemisphereLight("#ffffff", "#888888", 1.55);
    this.sun = new DirectionalLight("#ffffff", 2.1);
    this.sun.castShadow = true;
    this.sun.shadow.mapSize.set(2048, 2048);
    this.sun.shadow.radius = 5;
    this.sun.shadow.bias = -0.0004;
    this.sun.shadow.normalBias = 0.012 * this.height;
    this.fill = new DirectionalLight("#ffffff", 0.55);
    this.scene.add(this.ambient, this.sun, this.sun.target, this.fill, this.fill.target);
  }

  #ground() {
    const size = 80 * this.height;
    this.step = roundLength(this.height / 3);
    const plane = new PlaneGeometry(size, size).rotateX(-Math.PI / 2);
    this.grid = new Mesh(plane, new ShaderMaterial({
      transparent: true,
      depthWrite: false,
      uniforms: { step: { value: this.step }, colour: { value: new Color() }, middle: { value: new Vector3() }, far: { value: 0 } },
      vertexShader: "varying vec3 at; void main() { vec4 w = modelMatrix * vec4(position, 1.0); at = w.xyz; gl_Position = projectionMatrix * viewMatrix * w; }",
      fragmentShader: `
        varying vec3 at; uniform float step; uniform vec3 colour; uniform vec3 middle; uniform float far;
        float lines(float every, float wide) {
          vec2 p = at.xz / every; vec2 w = fwidth(p);
          vec2 d = abs(fract(p - 0.5) - 0.5) / w;
          return (1.0 - smoothstep(wide - 0.5, wide + 0.5, min(d.x, d.y))) * (1.0 - smoothstep(0.25, 0.7, max(w.x, w.y)));
        }
        void main() {
          float fade = 1.0 - smoothstep(0.35 * far, far, distance(at.xz, middle.xz));
          float strength = max(0.34 * lines(step, 0.5), 0.62 * lines(step * 5.0, 0.6)) * fade;
          if (strength < 0.004) discard;
          gl_FragColor = vec4(colour, strength);
          #include <colorspace_fragment>
        }`,
    }));
    this.grid.renderOrder = 1;
    this.floor = new Mesh(plane, new ShadowMaterial({ opacity: 0.2, depthWrite: false }));
    this.floor.receiveShadow = true;
    this.floor.position.y = -0.002 * this.height;
    this.scene.add(this.floor, this.grid);
  }

  /** Each figure at the origin facing the same way; together, all where they were recorded. */
  place() {
    const shared = this.actors[0];
    const ground = Math.min(...this.actors.map((actor) => actor.motion.ground_m));
    for (const actor of this.actors) {
      const from = this.together ? shared : actor;
      const floor = this.together ? ground : actor.motion.ground_m;
      actor.place(from.motion.root[0], floor, from.motion.root[2], from.motion.yaw);
    }
    this.#fit();
  }

  #fit() {
    let half = 0.62 * this.height;
    if (!this.follow) half = Math.max(half, ...this.actors.map((actor) => 0.55 * (actor.top + 0.54 * this.height)));
    if (!this.follow) {
      const boxes = this.together ? [[].concat(...this.actors.map((a) => a.corners()))] : this.actors.map((a) => a.corners());
      for (const corners of boxes) half = Math.max(half, extent(corners).size * 0.5 + 0.62 * this.height);
    } else if (this.together) {
      half = Math.max(half, this.#widest() * 0.5 + 0.62 * this.height);
    }
    this.distance = (half * 1.2) / Math.tan((FIELD_OF_VIEW * Math.PI) / 360);
  }

  /** The furthest that figures are ever apart, seen at a hundred moments. */
  #widest() {
    const now = this.actors[0].seconds, end = Math.max(...this.actors.map((actor) => actor.motion.duration_s));
    let widest = 0;
    for (let k = 0; k <= 100; k++) {
      for (const actor of this.actors) actor.seekRoot((k / 100) * end);
      widest = Math.max(widest, extent(this.actors.map((actor) => actor.followed)).size);
    }
    for (const actor of this.actors) actor.seekRoot(now);
    return widest;
  }

  resetView(azimuth = AZIMUTH, elevation = ELEVATION) {
    this.controls.target.set(0, 0, 0);
    this.rig.position.setFromSphericalCoords(this.distance, Math.PI / 2 - elevation, azimuth);
    this.controls.update();
  }

  /** Turn by angles in radians and go nearer by a factor, as keys ask for. */
  orbit(turn, lift, nearer = 1) {
    const offset = this.rig.position.clone().sub(this.controls.target);
    const distance = Math.min(Math.max(offset.length() / nearer, this.controls.minDistance), this.controls.maxDistance);
    const polar = Math.min(Math.max(Math.acos(offset.y / offset.length()) - lift, 0.02), this.controls.maxPolarAngle);
    offset.setFromSphericalCoords(distance, polar, Math.atan2(offset.x, offset.z) + turn);
    this.rig.position.copy(this.controls.target).add(offset);
    this.controls.update();
  }

  setDark(dark) {
    const colours = dark ? DARK : LIGHT;
    this.actors.forEach((actor, i) => {
      actor.figure.setColours({ ...colours, lit: dark ? LIT.dark : LIT.light, middle: (dark ? MIDDLES_DARK : MIDDLES)[i % MIDDLES.length] });
      for (const material of actor.pathMaterials) material.color.set(colours.path);
    });
    this.grid.material.uniforms.colour.value.set(colours.grid);
    this.floor.material.opacity = colours.shadow;
    this.ambient.color.set(colours.sky);
    this.ambient.groundColor.set(colours.earth);
  }

  showPaths(shown) {
    for (const actor of this.actors) actor.paths.visible = shown;
  }

  seek(seconds) {
    for (const actor of this.actors) actor.seek(seconds);
  }

  /** Draw every pane; `panes` are {x, y, width, height} in CSS pixels from the top left, one for each actor, or one when together. */
  render(panes, width, height) {
    const { renderer, camera } = this;
    const size = renderer.getSize(new Vector2());
    if (size.x !== width || size.y !== height) renderer.setSize(width, height, false);
    panes.forEach((pane, i) => {
      this.actors.forEach((actor, k) => (actor.group.visible = this.together || k === i));
      const focus = this.#focus(i);
      camera.position.copy(this.rig.position).add(focus);
      camera.quaternion.copy(this.rig.quaternion);
      camera.aspect = pane.width / pane.height;
      const narrow = Math.max(1, 0.74 / camera.aspect); // a narrow pane shows the same breadth
      camera.fov = (2 * Math.atan(Math.tan((FIELD_OF_VIEW * Math.PI) / 360) * narrow) * 180) / Math.PI;
      camera.updateProjectionMatrix();
      camera.updateMatrixWorld();
      this.#aimLights(focus);
      renderer.setViewport(pane.x, height - pane.y - pane.height, pane.width, pane.height);
      renderer.setScissor(pane.x, height - pane.y - pane.height, pane.width, pane.height);
      renderer.render(this.scene, camera);
    });
  }

  /** Where the middle of a figure stands in a pane, in CSS pixels; for name tags. */
  tag(i, pane) {
    const above = this.actors[i].now.clone();
    above.y += 0.62 * this.height;
    above.project(this.camera);
    return { x: pane.x + ((above.x + 1) / 2) * pane.width, y: pane.y + ((1 - above.y) / 2) * pane.height, hidden: above.z > 1 };
  }

  #focus(i) {
    const actors = this.together ? this.actors : [this.actors[i]];
    const focus = new Vector3();
    if (this.follow) {
      for (const actor of actors) focus.addScaledVector(actor.followed, 1 / actors.length);
    } else {
      focus.copy(extent([].concat(...actors.map((actor) => actor.corners()))).middle);
    }
    const top = Math.max(...actors.map((actor) => actor.top));
    const rise = top - Math.min(...actors.map((actor) => actor.bottom));
    if (!this.follow || rise < 0.8 * this.height) focus.y = (top + 0.66 * this.height) / 2; // between the ground and above the highest head
    return focus;
  }

  #aimLights(focus) {
    const reach = (this.together || !this.follow ? 1 : 0) * Math.max(...this.actors.map((a) => a.span)) * 0.6 + 1.3 * this.height;
    const shadow = this.sun.shadow.camera;
    shadow.left = shadow.bottom = -reach;
    shadow.right = shadow.top = reach;
    shadow.near = 0.1 * this.height;
    shadow.far = 4 * reach + 6 * this.height;
    shadow.updateProjectionMatrix();
    this.sun.target.position.copy(focus);
    this.sun.position.copy(focus).add(new Vector3(0.55, 1.5, 0.75).multiplyScalar(reach + 1.5 * this.height));
    const view = this.rig.position.clone().sub(this.controls.target).normalize();
    this.fill.target.position.copy(focus);
    this.fill.position.copy(focus).addScaledVector(view, 5 * this.height);
    this.grid.material.uniforms.middle.value.copy(focus);
    this.grid.material.uniforms.far.value = Math.max(5 * this.height, 1.6 * this.rig.position.distanceTo(this.controls.target));
    const snap = 5 * this.step;
    this.grid.position.set(Math.round(focus.x / snap) * snap, 0, Math.round(focus.z / snap) * snap);
    this.floor.position.x = focus.x;
    this.floor.position.z = focus.z;
  }
}

/** One motion on the stage: its figure, its path on the ground, and where its root is. */
class Actor {
  constructor(motion) {
    this.motion = motion;
    this.figure = new Figure(motion);
    this.group = new Group();
    this.smooth = smoothedRoot(motion, FOLLOW_WINDOW_S);
    this.followed = new Vector3();
    this.now = new Vector3();
    this.pathMaterials = [0.28, 0.9].map((opacity) => new MeshBasicMaterial({ transparent: true, opacity, depthWrite: false, side: DoubleSide }));
    this.paths = new Group();
    const { geometry, upTo } = ribbonGeometry(motion);
    this.past = geometry.clone();
    this.upTo = upTo;
    this.paths.add(new Mesh(geometry, this.pathMaterials[0]), new Mesh(this.past, this.pathMaterials[1]));
    this.paths.children.forEach((mesh, i) => {
      mesh.renderOrder = 2 + i;
      mesh.frustumCulled = false;
    });
    this.group.add(this.figure.group, this.paths);
    let low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
    for (let i = 0; i < this.smooth.length; i++) {
      low[i % 3] = Math.min(low[i % 3], this.smooth[i]);
      high[i % 3] = Math.max(high[i % 3], this.smooth[i]);
    }
    this.low = low;
    this.high = high;
    this.span = Math.hypot(high[0] - low[0], high[2] - low[2]);
    this.top = high[1] - motion.ground_m;
    this.bottom = low[1] - motion.ground_m;
    this.seek(0);
  }

  place(x, y, z, yaw) {
    this.group.rotation.y = -yaw;
    this.group.position.set(-x, -y, -z).applyAxisAngle(new Vector3(0, 1, 0), -yaw);
    this.group.updateMatrixWorld();
    this.seek(this.seconds);
  }

  seek(seconds) {
    this.seconds = seconds;
    this.figure.update(seconds);
    this.past.setDrawRange(0, this.upTo[this.seekRoot(seconds)]);
  }

  /** Where the root is, without the rest of the figure; returns the frame. */
  seekRoot(seconds) {
    const { frame, next, share } = frameAt(this.motion, seconds);
    const between = (array, target) => target.fromArray(array, frame * 3).lerp(new Vector3().fromArray(array, next * 3), share).applyMatrix4(this.group.matrixWorld);
    between(this.smooth, this.followed);
    between(this.motion.root, this.now);
    return frame;
  }

  /** Corners of the box around the root's path, in the room. */
  corners() {
    const { low, high } = this;
    return [0, 1, 2, 3].map((k) => new Vector3(k & 1 ? high[0] : low[0], (low[1] + high[1]) / 2, k & 2 ? high[2] : low[2]).applyMatrix4(this.group.matrixWorld));
  }
}

/** A flat ribbon on the ground under the root, a pair of points each few centimetres; `upTo[frame]` counts its triangles' corners. */
function ribbonGeometry(motion) {
  const { frames, ground_m: ground, height_m: height } = motion;
  const path = smoothedRoot(motion, 0.15);
  const half = 0.006 * height, y = ground + 0.002 * height;
  const kept = [0], upTo = new Uint32Array(frames);
  for (let t = 1; t < frames; t++) {
    const last = kept[kept.length - 1] * 3;
    if (Math.hypot(path[t * 3] - path[last], path[t * 3 + 2] - path[last + 2]) > 0.012 * height) kept.push(t);
    upTo[t] = (kept.length - 1) * 6;
  }
  const vertices = new Float32Array(kept.length * 6), index = [];
  kept.forEach((frame, k) => {
    const before = kept[Math.max(k - 1, 0)] * 3, after = kept[Math.min(k + 1, kept.length - 1)] * 3;
    const dx = path[after] - path[before], dz = path[after + 2] - path[before + 2], length = Math.hypot(dx, dz) || 1;
    const x = path[frame * 3], z = path[frame * 3 + 2], sx = (-half * dz) / length, sz = (half * dx) / length;
    vertices.set([x - sx, y, z - sz, x + sx, y, z + sz], k * 6);
    if (k) index.push(2 * k - 2, 2 * k - 1, 2 * k, 2 * k - 1, 2 * k + 1, 2 * k);
  });
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(vertices, 3));
  geometry.setIndex(new BufferAttribute(new Uint32Array(index), 1));
  return { geometry, upTo };
}

function extent(points) {
  const low = points[0].clone(), high = points[0].clone();
  for (const p of points) {
    low.min(p);
    high.max(p);
  }
  return { middle: low.clone().add(high).multiplyScalar(0.5), size: Math.hypot(high.x - low.x, high.z - low.z) };
}

function roundLength(length) {
  const power = 10 ** Math.floor(Math.log10(length));
  return Math.max(...[1, 2, 5].map((s) => s * power).filter((s) => s <= length * 1.0001));
}
