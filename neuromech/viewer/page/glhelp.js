"use strict";
// Short hands for WebGL: programs, buffers, textures.

function program(gl, vertex, fragment) {
  const made = gl.createProgram();
  for (const [kind, text] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
  const uniforms = {};
  for (let i = 0; i < gl.getProgramParameter(made, gl.ACTIVE_UNIFORMS); i++) {
    const name = gl.getActiveUniform(made, i).name;
    uniforms[name] = gl.getUniformLocation(made, name);
  }
  return { program: made, uniforms };
}

/** Put vertices, whose numbers belong to attributes of the given sizes, and triangles on the card. */
function buffers(gl, vertex, index, sizes, usage = gl.STATIC_DRAW) {
  const array = gl.createVertexArray(),
    vertices = gl.createBuffer(),
    triangles = gl.createBuffer();
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, vertices);
  gl.bufferData(gl.ARRAY_BUFFER, vertex, usage);
  const stride = 4 * sizes.reduce((a, b) => a + b, 0);
  let offset = 0;
  sizes.forEach((size, i) => {
    gl.enableVertexAttribArray(i);
    gl.vertexAttribPointer(i, size, gl.FLOAT, false, stride, offset);
    offset += 4 * size;
  });
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, triangles);
  gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, index, gl.STATIC_DRAW);
  gl.bindVertexArray(null);
  return { array, vertices, count: index.length };
}

function drawMesh(gl, mesh) {
  gl.bindVertexArray(mesh.array);
  gl.drawElements(gl.TRIANGLES, mesh.count, gl.UNSIGNED_INT, 0);
  gl.bindVertexArray(null);
}

function texture(gl, filter) {
  const made = gl.createTexture();
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.bindTexture(gl.TEXTURE_2D, made);
  for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
    gl.texParameteri(gl.TEXTURE_2D, side, filter);
  for (const way of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T])
    gl.texParameteri(gl.TEXTURE_2D, way, gl.CLAMP_TO_EDGE);
  return made;
}

function bind(gl, made, name, unit_, which) {
  gl.activeTexture(gl.TEXTURE0 + unit_);
  gl.bindTexture(gl.TEXTURE_2D, which);
  gl.uniform1i(made.uniforms[name], unit_);
  gl.activeTexture(gl.TEXTURE0);
}

/** Whether this browser draws WebGL without a graphics card. */
function drawnBySoftware() {
  const gl = document.createElement("canvas").getContext("webgl2");
  const named = gl?.getExtension("WEBGL_debug_renderer_info");
  const name = named ? gl.getParameter(named.UNMASKED_RENDERER_WEBGL) : "";
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|software/i.test(name);
}

/** A tile of grain in red and of a square grid in green, which repeats without seams. */
function grainTexture(gl) {
  const n = 256,
    image = new Uint8Array(2 * n * n);
  let seed = 7;
  const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const layers = [32, 64, 128, 256].map((m) => ({ m, values: Float32Array.from({ length: m * m }, chance) }));
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      let sum = 0;
      for (const { m, values } of layers) {
        const u = (x / n) * m,
          v = (y / n) * m,
          i = u | 0,
          j = v | 0,
          a = u - i,
          b = v - j;
        const value = (p, q) => values[(q % m) * m + (p % m)];
        sum +=
          (1 - b) * ((1 - a) * value(i, j) + a * value(i + 1, j)) +
          b * ((1 - a) * value(i, j + 1) + a * value(i + 1, j + 1));
      }
      image[2 * (y * n + x)] = (255 * sum) / layers.length;
      image[2 * (y * n + x) + 1] = x % 128 === 0 || y % 128 === 0 ? 255 : 0;
    }
  }
  const made = texture(gl, gl.LINEAR);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RG8, n, n, 0, gl.RG, gl.UNSIGNED_BYTE, image);
  gl.generateMipmap(gl.TEXTURE_2D);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_NEAREST);
  for (const way of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, way, gl.REPEAT);
  return made;
}

/** A cylinder about the origin as (share of the circle, share of the height). */
function wallMesh(gl) {
  const sides = 180,
    vertex = [],
    index = [];
  for (let s = 0; s <= sides; s++) vertex.push(s / sides, 0, s / sides, 1);
  for (let s = 0; s < sides; s++) index.push(2 * s, 2 * s + 1, 2 * s + 2, 2 * s + 2, 2 * s + 1, 2 * s + 3);
  return buffers(gl, new Float32Array(vertex), new Uint32Array(index), [2]);
}

/** A camera that turns about a target, which follows the animal if it is to. */
class Orbit {
  constructor(scene) {
    this.fovy = (24 * Math.PI) / 180;
    this.home(scene);
  }

  /** Stand where the whole animal fills about half of the picture. */
  home(scene) {
    this.azimuth = Math.PI / 2;
    this.elevation = ((scene.elevation_deg ?? -42) * Math.PI) / 180;
    this.distance = 4.4 * scene.length_mm;
    this.nearest = 0.15 * scene.length_mm;
    this.farthest = Math.max(60 * scene.length_mm, 4 * scene.floor.radius_mm);
    this.target = null;
    this.offset = [0, 0, 0];
    this.follow = true;
  }

  /** Go after the animal, smoothly, so that an undulating one does not make the picture shake. */
  chase(centre, seconds) {
    const goal = centre.map((c, k) => c + this.offset[k]);
    if (!this.target) this.target = goal;
    if (!this.follow) return;
    const far = Math.hypot(...goal.map((g, k) => g - this.target[k]));
    const stay = far > 3 * this.distance ? 0 : Math.exp(-seconds / 0.5);
    // One that runs is not left behind further than a share of the picture.
    const most = Math.min(stay, (0.12 * this.distance) / Math.max(far, 1e-9));
    this.target = this.target.map((t, k) => goal[k] + most * (t - goal[k]));
  }

  frame() {
    const ca = Math.cos(this.azimuth),
      sa = Math.sin(this.azimuth);
    const ce = Math.cos(this.elevation),
      se = Math.sin(this.elevation);
    const forward = [ce * ca, ce * sa, se],
      right = [sa, -ca, 0];
    const target = this.target || [0, 0, 0];
    const eye = target.map((t, k) => t - this.distance * forward[k]);
    return { eye, forward, right, up: cross(right, forward) };
  }

  turn(dx, dy) {
    this.azimuth -= dx;
    this.elevation = Math.min(Math.max(this.elevation - dy, -1.55), 0.2);
  }

  zoom(factor) {
    this.distance = Math.min(Math.max(this.distance * factor, this.nearest), this.farthest);
  }

  pan(dx, dy, height) {
    const { right, up } = this.frame(),
      mm = (2 * this.distance * Math.tan(this.fovy / 2)) / height;
    const move = [0, 1, 2].map((k) => (-dx * right[k] + dy * up[k]) * mm);
    this.offset = this.offset.map((o, k) => o + move[k]);
    if (this.target) this.target = this.target.map((t, k) => t + move[k]);
  }
}
