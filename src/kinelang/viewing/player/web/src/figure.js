// A moving figure: tapered capsules for limbs, one loft for the trunk, a head; or capsules alone where it is not human.
import {
  BufferAttribute, BufferGeometry, Color, DynamicDrawUsage, Group, LatheGeometry, Mesh, MeshBasicMaterial, MeshStandardMaterial, SphereGeometry,
  Vector2, Vector3,
} from "three";
import { positionsAt } from "./data.js";

const AROUND = 18;
const UP = new Vector3(0, 1, 0);
const BALL = new SphereGeometry(1, 20, 14);
const a = new Vector3(), b = new Vector3(), along = new Vector3(), across = new Vector3(), ahead = new Vector3(), point = new Vector3();

export class Figure {
  constructor(motion) {
    this.motion = motion;
    this.group = new Group();
    this.positions = new Float32Array(motion.point_count * 3);
    this.materials = ["middle", "left", "right", "face"].map(() => new MeshStandardMaterial({ roughness: 0.62, metalness: 0.0 }));
    this.parts = (motion.attention?.parts ?? []).map((name) => ({
      side: name.startsWith("left") ? 1 : name.startsWith("right") ? 2 : 0, material: this.materials[0].clone(), base: new Color(),
    }));
    this.lit = new Color();
    positionsAt(motion, 0, this.positions);
    this.capsules = motion.capsules.map((capsule, i) => this.#capsule(capsule, this.parts[motion.attention?.limbs[i]]));
    this.trunk = motion.trunk.length ? this.#trunk() : null;
    this.head = motion.head ? this.#head(motion.head) : null;
    this.group.traverse((object) => {
      object.castShadow = true;
      object.frustumCulled = false;
    });
    this.balls = (motion.attention?.balls ?? []).map(([part, point]) => this.#ball(part, point));
  }

  setColours({ middle, left, right, face, lit }) {
    [middle, left, right, face].forEach((colour, i) => this.materials[i].color.copy(new Color(colour)));
    for (const part of this.parts) part.base.copy(this.materials[part.side].color);
    this.lit.set(lit);
  }

  /** Limbs in the colour of attention, and joints as balls: as large as their part's share, as dense as the window. */
  light(shares, window) {
    this.parts.forEach(({ material, base }, i) => {
      const strength = 0.85 * Math.sqrt(shares[i]) * window;
      material.color.copy(base).lerp(this.lit, strength);
      material.emissive.copy(this.lit).multiplyScalar(0.25 * strength);
    });
    for (const { mesh, part, point } of this.balls) {
      mesh.visible = shares[part] > 0.01;
      mesh.position.copy(this.#at(point, a));
      mesh.scale.setScalar(this.motion.height_m * (0.007 + 0.026 * Math.sqrt(shares[part])));
      mesh.material.color.copy(this.lit);
      mesh.material.opacity = 0.12 + 0.58 * window;
    }
  }

  /** A joint's ball, seen through the body. */
  #ball(part, point) {
    const mesh = new Mesh(BALL, new MeshBasicMaterial({ transparent: true, depthTest: false, depthWrite: false }));
    mesh.renderOrder = 10;
    mesh.frustumCulled = false;
    this.group.add(mesh);
    return { mesh, part, point };
  }

  update(seconds) {
    positionsAt(this.motion, seconds, this.positions);
    for (const capsule of this.capsules) this.#placeCapsule(capsule);
    if (this.trunk) this.#placeTrunk();
    if (this.head) this.#placeHead();
  }

  #at(i, target) {
    return target.fromArray(this.positions, i * 3);
  }

  #capsule([from, to, fromRadius, toRadius, side], part) {
    const length = this.#at(from, a).distanceTo(this.#at(to, b));
    const mesh = new Mesh(capsuleGeometry(length, fromRadius, toRadius), part?.material ?? this.materials[side]);
    this.group.add(mesh);
    return { mesh, from, to, length };
  }

  #placeCapsule({ mesh, from, to, length }) {
    this.#at(from, a);
    along.subVectors(this.#at(to, b), a);
    const now = along.length();
    mesh.position.copy(a);
    if (now > 1e-6) mesh.quaternion.setFromUnitVectors(UP, along.divideScalar(now));
    mesh.scale.set(1, length > 1e-3 && now > 1e-3 ? now / length : 1, 1);
  }

  /** Of trunk and head. */
  #middle() {
    return this.parts[this.motion.attention?.trunk]?.material ?? this.materials[0];
  }

  #trunk() {
    const rings = this.motion.trunk.length, fine = (rings - 1) * 3 + 1;
    const geometry = new BufferGeometry();
    const index = [];
    for (let r = 0; r < fine - 1; r++) {
      for (let i = 0; i < AROUND; i++) {
        const p = r * AROUND + i, q = r * AROUND + ((i + 1) % AROUND);
        index.push(p, p + AROUND, q, q, p + AROUND, q + AROUND);
      }
    }
    const bottom = fine * AROUND, top = bottom + 1;
    for (let i = 0; i < AROUND; i++) {
      index.push(bottom, i, (i + 1) % AROUND);
      index.push(top, (fine - 1) * AROUND + ((i + 1) % AROUND), (fine - 1) * AROUND + i);
    }
    geometry.setIndex(index);
    const attribute = new BufferAttribute(new Float32Array((fine * AROUND + 2) * 3), 3);
    attribute.setUsage(DynamicDrawUsage);
    geometry.setAttribute("position", attribute);
    const mesh = new Mesh(geometry, this.#middle());
    this.group.add(mesh);
    const frame = () => ({ centre: new Vector3(), across: new Vector3(), ahead: new Vector3() });
    return { geometry, attribute, coarse: this.motion.trunk.map(frame), fine: Array.from({ length: fine }, frame) };
  }

  /** Rings stand across the spine, turned as the hips below and as the shoulders above; between them a Catmull-Rom curve. */
  #placeTrunk() {
    const { coarse, fine, geometry, attribute } = this.trunk;
    const spec = this.motion.trunk, lines = this.motion.trunk_lines;
    for (let i = 0; i < spec.length; i++) {
      const [low, high, share] = spec[i];
      coarse[i].centre.copy(this.#at(low, a)).lerp(this.#at(high, b), share);
    }
    const [hipLeft, hipRight, shoulderLeft, shoulderRight] = lines;
    const hips = this.#at(hipLeft, a).clone().sub(this.#at(hipRight, b)).normalize();
    const shoulders = this.#at(shoulderLeft, a).clone().sub(this.#at(shoulderRight, b)).normalize();
    for (let i = 0; i < spec.length; i++) {
      const [, , , turn, halfAcross, halfAhead] = spec[i];
      along.subVectors(coarse[Math.min(i + 1, spec.length - 1)].centre, coarse[Math.max(i - 1, 0)].centre).normalize();
      across.copy(hips).lerp(shoulders, turn);
      across.addScaledVector(along, -across.dot(along)).normalize();
      ahead.crossVectors(across, along);
      coarse[i].across.copy(across).multiplyScalar(halfAcross);
      coarse[i].ahead.copy(ahead).multiplyScalar(halfAhead);
    }
    for (let r = 0; r < fine.length; r++) {
      const i = Math.min(Math.floor(r / 3), spec.length - 2), t = r / 3 - i;
      for (const part of ["centre", "across", "ahead"]) {
        catmullRom(fine[r][part], coarse[Math.max(i - 1, 0)][part], coarse[i][part], coarse[i + 1][part],
          coarse[Math.min(i + 2, spec.length - 1)][part], t);
      }
      for (let k = 0; k < AROUND; k++) {
        const angle = (2 * Math.PI * k) / AROUND;
        point.copy(fine[r].centre).addScaledVector(fine[r].across, rounded(Math.cos(angle))).addScaledVector(fine[r].ahead, rounded(Math.sin(angle)));
        attribute.setXYZ(r * AROUND + k, point.x, point.y, point.z);
      }
    }
    const ends = [fine[0].centre, fine[fine.length - 1].centre];
    ends.forEach((end, i) => attribute.setXYZ(fine.length * AROUND + i, end.x, end.y, end.z));
    attribute.needsUpdate = true;
    geometry.computeVertexNormals();
  }

  #head({ radius_m: radius }) {
    const group = new Group(), middle = this.#middle();
    const skull = new Mesh(new SphereGeometry(radius, 28, 20), middle);
    skull.scale.set(0.84, 1.12, 0.98);
    const jaw = new Mesh(new SphereGeometry(radius * 0.7, 22, 16), middle);
    jaw.position.set(0, -0.5 * radius, 0.16 * radius);
    jaw.scale.set(0.95, 0.95, 1);
    const visor = new Mesh(new SphereGeometry(radius * 1.015, 32, 12, Math.PI * 0.14, Math.PI * 0.72, Math.PI * 0.4, Math.PI * 0.16), this.materials[3]);
    visor.scale.copy(skull.scale).multiplyScalar(1.01);
    group.add(skull, jaw, visor);
    this.group.add(group);
    return group;
  }

  #placeHead() {
    const { middle, nose, neck } = this.motion.head;
    this.#at(middle, a);
    ahead.subVectors(this.#at(nose, b), a).normalize();
    along.subVectors(a, this.#at(neck, b));
    along.addScaledVector(ahead, -along.dot(ahead)).normalize();
    across.crossVectors(along, ahead);
    this.head.position.copy(a);
    this.head.matrix.makeBasis(across, along, ahead);
    this.head.quaternion.setFromRotationMatrix(this.head.matrix);
  }
}

/** A circle's cosine or sine, made a little squarer: a chest is no cylinder. */
function rounded(value) {
  return Math.sign(value) * Math.abs(value) ** 0.86;
}

function catmullRom(out, p0, p1, p2, p3, t) {
  for (const axis of ["x", "y", "z"]) {
    const [w, x, y, z] = [p0[axis], p1[axis], p2[axis], p3[axis]];
    out[axis] = 0.5 * (2 * x + (y - w) * t + (2 * w - 5 * x + 4 * y - z) * t * t + (3 * x - w - 3 * y + z) * t * t * t);
  }
}

/** Along +Y from the origin: half a ball, a cone, half a ball. */
function capsuleGeometry(length, fromRadius, toRadius) {
  const profile = [];
  const steps = 8;
  const lean = length > Math.abs(fromRadius - toRadius) ? Math.asin((fromRadius - toRadius) / length) : 0;
  for (let i = 0; i <= steps; i++) {
    const angle = -Math.PI / 2 + ((Math.PI / 2 + lean) * i) / steps;
    profile.push(new Vector2(Math.max(0, fromRadius * Math.cos(angle)), fromRadius * Math.sin(angle)));
  }
  for (let i = 0; i <= steps; i++) {
    const angle = lean + ((Math.PI / 2 - lean) * i) / steps;
    profile.push(new Vector2(Math.max(0, toRadius * Math.cos(angle)), length + toRadius * Math.sin(angle)));
  }
  return new LatheGeometry(profile, 20);
}
