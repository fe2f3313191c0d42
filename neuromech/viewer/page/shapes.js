"use strict";
// Solids as triangles in their own frame (mm), sizes as MuJoCo has them, and small matrices.

const KIND = { sphere: 2, capsule: 3, ellipsoid: 4, cylinder: 5, box: 6 };

/** Return {position, normal, index} of a solid; vertices are [x, y, z] flat. */
function solidMesh(kind, size) {
  if (kind === KIND.box) return boxMesh(size);
  if (kind === KIND.cylinder) return latheMesh(cylinderProfile(size[0], size[1]), 20);
  if (kind === KIND.capsule) return latheMesh(capsuleProfile(size[0], size[1]), 18);
  const half = kind === KIND.sphere ? [size[0], size[0], size[0]] : size;
  return scaledSphere(half);
}

/** Points [radius, z, normal radius, normal z] from the lower to the upper pole. */
function capsuleProfile(radius, half) {
  const rings = 6,
    profile = [];
  for (let k = 0; k <= rings; k++) {
    const a = -Math.PI / 2 + (k / rings) * (Math.PI / 2);
    profile.push([radius * Math.cos(a), -half + radius * Math.sin(a), Math.cos(a), Math.sin(a)]);
  }
  for (let k = 0; k <= rings; k++) {
    const a = (k / rings) * (Math.PI / 2);
    profile.push([radius * Math.cos(a), half + radius * Math.sin(a), Math.cos(a), Math.sin(a)]);
  }
  return profile;
}

function cylinderProfile(radius, half) {
  return [
    [0, -half, 0, -1],
    [radius, -half, 0, -1],
    [radius, -half, 1, 0],
    [radius, half, 1, 0],
    [radius, half, 0, 1],
    [0, half, 0, 1],
  ];
}

/** Return {vertex, index} of the square from -1 to 1, so many cells a side; vertices are [x, y] flat. */
function squareMesh(cells) {
  const vertex = [],
    index = [];
  for (let j = 0; j <= cells; j++)
    for (let i = 0; i <= cells; i++) vertex.push((2 * i) / cells - 1, (2 * j) / cells - 1);
  for (let j = 0; j < cells; j++) {
    for (let i = 0; i < cells; i++) {
      const a = j * (cells + 1) + i,
        b = a + cells + 1;
      index.push(a, a + 1, b + 1, a, b + 1, b);
    }
  }
  return { vertex: new Float32Array(vertex), index: new Uint32Array(index) };
}

function latheMesh(profile, sides) {
  const position = [],
    normal = [],
    index = [];
  for (const [r, z, nr, nz] of profile) {
    for (let s = 0; s <= sides; s++) {
      const a = (2 * Math.PI * s) / sides,
        c = Math.cos(a),
        q = Math.sin(a);
      position.push(r * c, r * q, z);
      normal.push(nr * c, nr * q, nz);
    }
  }
  for (let k = 0; k + 1 < profile.length; k++) {
    for (let s = 0; s < sides; s++) {
      const a = k * (sides + 1) + s,
        b = a + sides + 1;
      index.push(a, a + 1, b, b, a + 1, b + 1);
    }
  }
  return { position, normal, index };
}

function scaledSphere(half) {
  const mesh = latheMesh(capsuleProfile(1, 0), 24);
  for (let i = 0; i < mesh.position.length; i += 3) {
    let length = 0;
    for (let k = 0; k < 3; k++) {
      mesh.position[i + k] *= half[k];
      mesh.normal[i + k] /= half[k];
      length += mesh.normal[i + k] ** 2;
    }
    for (let k = 0; k < 3; k++) mesh.normal[i + k] /= Math.sqrt(length) || 1;
  }
  return mesh;
}

function boxMesh(half) {
  const position = [],
    normal = [],
    index = [];
  for (let axis = 0; axis < 3; axis++) {
    for (const sign of [-1, 1]) {
      const first = position.length / 3,
        u = (axis + 1) % 3,
        v = (axis + 2) % 3;
      for (const [a, b] of [
        [-1, -1],
        [1, -1],
        [1, 1],
        [-1, 1],
      ]) {
        const p = [0, 0, 0],
          n = [0, 0, 0];
        p[axis] = sign * half[axis];
        p[u] = a * half[u];
        p[v] = b * half[v];
        n[axis] = sign;
        position.push(...p);
        normal.push(...n);
      }
      index.push(first, first + 1, first + 2, first, first + 2, first + 3);
    }
  }
  return { position, normal, index };
}

/** All solids in one mesh: 7 numbers a vertex (position, normal, number of the solid). */
function joinedSolids(geoms) {
  const vertex = [],
    index = [];
  geoms.forEach((geom, number) => {
    const mesh = solidMesh(geom.kind, geom.size),
      first = vertex.length / 7;
    for (let i = 0; i < mesh.position.length; i += 3) {
      vertex.push(mesh.position[i], mesh.position[i + 1], mesh.position[i + 2]);
      vertex.push(mesh.normal[i], mesh.normal[i + 1], mesh.normal[i + 2], number);
    }
    for (const each of mesh.index) index.push(first + each);
  });
  return { vertex: new Float32Array(vertex), index: new Uint32Array(index) };
}

/** A tube that is swept anew for every picture: 8 numbers a vertex (position, normal, along, to the left). */
class Tube {
  constructor(spec) {
    this.count = spec.count;
    this.fine = spec.count > 40 ? 2 : 4;
    this.rings = (spec.count - 1) * this.fine + 1;
    this.sides = 14;
    this.radius = Float32Array.from({ length: this.rings }, (_, k) => {
      const at = (k / (this.rings - 1)) * (spec.radius_mm.length - 1),
        i = Math.min(at | 0, spec.radius_mm.length - 2);
      const a = spec.radius_mm[Math.max(i, 0)],
        b = spec.radius_mm[Math.max(i, 0) + 1] ?? a;
      return a + (at - i) * (b - a);
    });
    this.vertex = new Float32Array((this.rings + 2) * (this.sides + 1) * 8);
    const index = [];
    for (let k = 0; k < this.rings + 1; k++) {
      for (let s = 0; s < this.sides; s++) {
        const a = k * (this.sides + 1) + s,
          b = a + this.sides + 1;
        index.push(a, b, a + 1, a + 1, b, b + 1);
      }
    }
    this.index = new Uint32Array(index);
    this.line = new Float32Array(3 * this.rings);
  }

  /** Sweep it along a line of landmarks, [x, y, z] flat. */
  sweep(points) {
    const line = this.line,
      n = this.count,
      fine = this.fine;
    for (let k = 0; k < this.rings; k++) {
      const i = Math.min((k / fine) | 0, n - 2),
        f = k / fine - i;
      const w = [
        0.5 * (-f + 2 * f * f - f * f * f),
        0.5 * (2 - 5 * f * f + 3 * f * f * f),
        0.5 * (f + 4 * f * f - 3 * f * f * f),
        0.5 * (f * f * f - f * f),
      ];
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let j = 0; j < 4; j++) sum += w[j] * points[3 * Math.min(Math.max(i + j - 1, 0), n - 1) + c];
        line[3 * k + c] = sum;
      }
    }
    let at = this._ring(0, 0, 0, -1);
    for (let k = 0; k < this.rings; k++) at = this._ring(at, k, 1, 0);
    this._ring(at, this.rings - 1, 0, 1);
    return this.vertex;
  }

  /** Write a ring; the first and the last are points that close the ends. */
  _ring(at, k, wide, end) {
    const line = this.line,
      v = this.vertex;
    const a = Math.max(k - 1, 0),
      b = Math.min(k + 1, this.rings - 1);
    const t = unit([0, 1, 2].map((c) => line[3 * a + c] - line[3 * b + c]));
    let left = cross([0, 0, 1], t);
    left = Math.hypot(...left) < 1e-3 ? [0, 1, 0] : unit(left);
    const up = cross(t, left),
      r = this.radius[k] * wide;
    for (let s = 0; s <= this.sides; s++) {
      const angle = (2 * Math.PI * s) / this.sides,
        c = Math.cos(angle),
        q = Math.sin(angle);
      for (let i = 0; i < 3; i++) {
        const out = c * left[i] + q * up[i];
        v[at + i] = line[3 * k + i] + r * out - end * this.radius[k] * 0.4 * t[i];
        v[at + 3 + i] = end ? -end * t[i] : out;
      }
      v[at + 6] = k / (this.rings - 1);
      v[at + 7] = end ? 0 : c;
      at += 8;
    }
    return at;
  }
}

const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const unit = (a) => {
  const length = Math.hypot(a[0], a[1], a[2]) || 1;
  return [a[0] / length, a[1] / length, a[2] / length];
};

/** The matrix (column-major) of a pinhole camera that looks along `forward` from `eye`. */
function viewMatrix(eye, forward, right, up, fovy, aspect, near, far) {
  const f = 1 / Math.tan(fovy / 2),
    d = 1 / (near - far);
  const rows = [right.map((x) => (x * f) / aspect), up.map((x) => x * f), forward.map((x) => -x)];
  const m = new Float32Array(16);
  const put = (row, axis, shift) => {
    for (let c = 0; c < 3; c++) m[4 * c + row] = axis[c];
    m[12 + row] = shift;
  };
  put(0, rows[0], -dot(rows[0], eye));
  put(1, rows[1], -dot(rows[1], eye));
  const z = -dot(rows[2], eye),
    k = (far + near) * d;
  put(
    2,
    rows[2].map((x) => x * k),
    z * k + 2 * far * near * d,
  );
  put(
    3,
    rows[2].map((x) => -x),
    -z,
  );
  return m;
}

function numbersOf(text) {
  const bytes = bytesOf(text);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

function bytesOf(text) {
  const raw = atob(text),
    bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}
