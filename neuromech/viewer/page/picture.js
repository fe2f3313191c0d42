"use strict";
// The animal in its world, drawn with WebGL: solids, a skin, the floor with its pattern, a wall, shadows.

const LIGHT = unit([-0.42, 0.36, 0.83]);
/** Into so many cells a side the floor around the animal is divided where it has bumps. */
const RELIEF_CELLS = 160;

/** Draws pictures of a scene into a canvas. */
class Picture {
  constructor(canvas, scene) {
    // Where no graphics card draws, smooth edges would take longer than all the rest.
    this.slow = drawnBySoftware();
    const options = { antialias: !this.slow, stencil: true, alpha: false };
    const gl = canvas.getContext("webgl2", options);
    if (!gl) throw new Error("this browser has no WebGL 2, which draws the animal");
    this.canvas = canvas;
    this.gl = gl;
    this.programs = {
      solids: program(gl, SOLIDS_VERTEX, SOLIDS_FRAGMENT),
      tube: program(gl, TUBE_VERTEX, TUBE_FRAGMENT),
      floor: program(gl, FLOOR_VERTEX, FLOOR_FRAGMENT),
      wall: program(gl, WALL_VERTEX, WALL_FRAGMENT),
      line: program(gl, LINE_VERTEX, LINE_FRAGMENT),
    };
    this.trail = gl.createBuffer();
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    this.grain = grainTexture(gl);
    this.look({ tints: false });
    this.show(scene);
  }

  /** Take what stays: solids, skin and floor. */
  show(scene) {
    const gl = this.gl,
      floor = scene.floor;
    this.scene = scene;
    this.solids = null;
    if (scene.geoms.length) {
      const mesh = joinedSolids(scene.geoms);
      this.solids = buffers(gl, mesh.vertex, mesh.index, [3, 3, 1]);
      this.poses = new Float32Array(16 * scene.geoms.length);
      this.poseTexture = texture(gl, gl.NEAREST);
    }
    this.tube = null;
    if (scene.tube) {
      this.tube = new Tube(scene.tube);
      this.tubeMesh = buffers(gl, this.tube.vertex, this.tube.index, [3, 3, 2], gl.DYNAMIC_DRAW);
      const organs = numbersOf(scene.tube.organs),
        across = scene.tube.across,
        along = organs.length / 4 / across;
      const image = new Uint8Array(4 * along * across);
      for (let i = 0; i < along; i++)
        for (let j = 0; j < across; j++)
          for (let c = 0; c < 4; c++) image[4 * (j * along + i) + c] = 255 * organs[4 * (i * across + j) + c];
      this.organs = texture(gl, gl.LINEAR);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, along, across, 0, gl.RGBA, gl.UNSIGNED_BYTE, image);
      this.flanks = texture(gl, gl.LINEAR);
      this.weights = [numbersOf(scene.tube.left), numbersOf(scene.tube.right)];
      this.flankTints = new Uint8Array(
        4 * (this.weights[0].length / Math.max(scene.muscles.names.length, 1)),
      );
    }
    this.lut = bytesOf(floor.lut);
    this.cells = texture(gl, gl.LINEAR);
    this.stripes = texture(gl, gl.LINEAR);
    this.square = null;
    this.wall = floor.wall_mm > 0 ? wallMesh(gl) : null;
    this.path = [];
    const relief = floor.relief;
    const mesh = squareMesh(relief ? RELIEF_CELLS : 1);
    this.floorMesh = buffers(gl, mesh.vertex, mesh.index, [2]);
    this.relief = texture(gl, gl.LINEAR);
    if (!relief) return;
    const n = relief.cells;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, n, n, 0, gl.RED, gl.UNSIGNED_BYTE, bytesOf(relief.heights));
  }

  /** Return the height, mm, on which shadows and the track lie: of a relief, its mean. */
  _level() {
    const floor = this.scene.floor;
    return floor.z + (floor.relief ? 0.5 * floor.relief.bumps_mm : 0);
  }

  look(how) {
    this.how = { ...this.how, ...how };
  }

  /** Take a new picture: the scene's numbers, and the floor's pattern unless it is as before. */
  take(part, floorBytes) {
    const gl = this.gl,
      scene = this.scene;
    this.muscles = part("muscles");
    if (this.solids) {
      const geoms = part("geoms"),
        poses = this.poses;
      scene.geoms.forEach((geom, i) => {
        const g = 12 * i,
          p = 16 * i;
        for (let r = 0; r < 3; r++) {
          for (let c = 0; c < 3; c++) poses[p + 4 * r + c] = geoms[g + 3 + 3 * r + c];
          poses[p + 4 * r + 3] = geoms[g + r];
        }
        for (let c = 0; c < 3; c++) poses[p + 12 + c] = geom.colour[c];
        // How clear it is in whole steps, and its tint in between.
        poses[p + 15] = Math.round(30 * (1 - geom.colour[3])) + (this.how.tints ? this._tintOf(i) : 0);
      });
      gl.bindTexture(gl.TEXTURE_2D, this.poseTexture);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, 4, scene.geoms.length, 0, gl.RGBA, gl.FLOAT, poses);
    }
    if (this.tube) {
      this.tube.sweep(part("line"));
      gl.bindBuffer(gl.ARRAY_BUFFER, this.tubeMesh.vertices);
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.tube.vertex);
      this._tintFlanks();
    }
    if (floorBytes && floorBytes.byteLength) this._takeFloor(floorBytes);
    const centre = part("centre"),
      last = this.path.slice(-3);
    const moved = Math.hypot(centre[0] - last[0], centre[1] - last[1]) / scene.length_mm;
    if (!(moved < 5)) this.path = [];
    if (!(moved < 0.02)) this.path.push(centre[0], centre[1], this._level() + 0.002 * scene.length_mm);
    if (this.path.length > 6000) this.path = this.path.slice(-5400);
    this.centre = [centre[0], centre[1], centre[2]];
  }

  _tintOf(geom) {
    const mine = this.scene.muscles.of_geom[geom];
    let most = 0;
    for (const m of mine) most = Math.max(most, Math.abs(this.muscles[m]));
    return 0.85 * most;
  }

  _tintFlanks() {
    const gl = this.gl,
      n = this.muscles.length,
      tints = this.flankTints;
    this.weights.forEach((weights, side) => {
      for (let k = 0; k < tints.length / 4; k++) {
        let sum = 0;
        for (let m = 0; m < n; m++) sum += weights[k * n + m] * this.muscles[m];
        tints[4 * k + side] = 255 * Math.min(Math.max(sum, 0), 1);
      }
    });
    gl.bindTexture(gl.TEXTURE_2D, this.flanks);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, tints.length / 4, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, tints);
  }

  _takeFloor(bytes) {
    const gl = this.gl,
      floor = this.scene.floor,
      n = floor.cells;
    const numbers = new DataView(bytes.buffer, bytes.byteOffset, 12);
    this.square = [0, 4, 8].map((at) => numbers.getFloat32(at, true));
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    const image = new Uint8Array(4 * n * n);
    for (let i = 0; i < n * n; i++) {
      const value = bytes[12 + i];
      for (let c = 0; c < 3; c++) image[4 * i + c] = this.lut[3 * value + c];
      image[4 * i + 3] = value;
    }
    gl.bindTexture(gl.TEXTURE_2D, this.cells);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, n, n, 0, gl.RGBA, gl.UNSIGNED_BYTE, image);
    if (bytes.byteLength >= 12 + n * n + floor.stripes) {
      gl.bindTexture(gl.TEXTURE_2D, this.stripes);
      const round = bytes.subarray(12 + n * n, 12 + n * n + floor.stripes);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.REPEAT);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, floor.stripes, 1, 0, gl.RED, gl.UNSIGNED_BYTE, round);
    }
  }

  /** Draw what was taken, as seen by a camera. */
  draw(camera) {
    if (!this.centre) return;
    const gl = this.gl,
      scene = this.scene,
      floor = scene.floor;
    const width = this.canvas.width,
      height = this.canvas.height;
    const { eye, forward, right, up } = camera.frame();
    const far = Math.max(60 * camera.distance, 3 * floor.radius_mm);
    const view = viewMatrix(
      eye,
      forward,
      right,
      up,
      camera.fovy,
      width / height,
      0.02 * camera.distance,
      far,
    );
    this.view = view;
    gl.viewport(0, 0, width, height);
    gl.clearColor(...this.how.haze, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT | gl.STENCIL_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    const common = { view, eye, light: LIGHT, floorZ: floor.z, haze: this.how.haze };
    if (floor.there || this.square) this._drawFloor(common, camera);
    if (this.wall) {
      this._use("wall", {
        ...common,
        radius: floor.radius_mm,
        height: floor.wall_mm,
        colour: floor.colour,
        pattern: Number(Boolean(this.square)),
      });
      bind(gl, this.programs.wall, "stripes", 0, this.stripes);
      drawMesh(gl, this.wall);
    }
    const hot = [0.93, 0.24, 0.14],
      tints = Number(this.how.tints);
    if (floor.there) {
      gl.enable(gl.BLEND);
      gl.enable(gl.STENCIL_TEST);
      gl.stencilFunc(gl.EQUAL, 0, 255);
      gl.stencilOp(gl.KEEP, gl.KEEP, gl.INCR);
      gl.depthMask(false);
      gl.enable(gl.POLYGON_OFFSET_FILL);
      gl.polygonOffset(-2, -2);
      if (floor.relief) gl.disable(gl.DEPTH_TEST); // a bump must not hide the shadow that falls on it
      const sun = { floorZ: this._level(), light: unit([-0.26, 0.22, 0.94]) };
      this._drawAnimal({ ...common, ...sun, flatten: 1, shade: 0.34, hot, tints });
      gl.enable(gl.DEPTH_TEST);
      gl.disable(gl.POLYGON_OFFSET_FILL);
      gl.depthMask(true);
      gl.disable(gl.STENCIL_TEST);
      this._drawTrail(common);
      gl.disable(gl.BLEND);
    }
    this._drawAnimal({ ...common, flatten: 0, shade: 0, hot, tints, glassy: 0 });
    if (this.solids && scene.geoms.some((geom) => geom.colour[3] < 0.98)) {
      gl.enable(gl.BLEND);
      gl.depthMask(false);
      this._use("solids", { ...common, flatten: 0, shade: 0, hot, tints, glassy: 1 });
      bind(gl, this.programs.solids, "poses", 0, this.poseTexture);
      drawMesh(gl, this.solids);
      gl.depthMask(true);
      gl.disable(gl.BLEND);
    }
  }

  _drawAnimal(values) {
    const gl = this.gl;
    if (this.solids) {
      this._use("solids", values);
      bind(gl, this.programs.solids, "poses", 0, this.poseTexture);
      drawMesh(gl, this.solids);
    }
    if (this.tube) {
      this._use("tube", { ...values, skin: this.scene.tube.colour });
      bind(gl, this.programs.tube, "organs", 0, this.organs);
      bind(gl, this.programs.tube, "flanks", 1, this.flanks);
      drawMesh(gl, this.tubeMesh);
    }
  }

  _drawFloor(common, camera) {
    const gl = this.gl,
      floor = this.scene.floor;
    const scale = 4 * this.scene.length_mm,
      middle = this.lut[3 * 128] / 255,
      relief = floor.relief;
    // The mesh of a relief goes with the animal in steps of its own cells, so that the bumps stay where they are.
    const reach = relief ? Math.min(12 * camera.distance, relief.extent_mm) : 60 * camera.distance,
      step = (2 * reach) / RELIEF_CELLS,
      target = [camera.target[0], camera.target[1]];
    this._use("floor", {
      ...common,
      colour: floor.colour,
      radius: floor.radius_mm,
      scale,
      fade: 4 * camera.distance,
      middle: relief ? target.map((each) => step * Math.round(each / step)) : target,
      reach,
      bumps: relief ? relief.bumps_mm : 0,
      extent: relief ? relief.extent_mm : 1,
      cell: relief ? (2 * relief.extent_mm) / (relief.cells - 1) : 1,
      square: [...(this.square || [0, 0, 1]), middle],
      pattern: Number(Boolean(this.square)),
      contours: floor.picture ? 0 : 20,
    });
    bind(gl, this.programs.floor, "cells", 0, this.cells);
    bind(gl, this.programs.floor, "grain", 1, this.grain);
    bind(gl, this.programs.floor, "relief", 2, this.relief);
    drawMesh(gl, this.floorMesh);
  }

  _drawTrail(common) {
    const gl = this.gl;
    if (this.path.length < 6) return;
    this._use("line", { ...common, colour: [0, 0, 0, 0.35] });
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.trail);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(this.path), gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);
    gl.disable(gl.DEPTH_TEST); // it lies on the floor, and the animal is drawn over it
    gl.drawArrays(gl.LINE_STRIP, 0, this.path.length / 3);
    gl.enable(gl.DEPTH_TEST);
    gl.disableVertexAttribArray(0);
  }

  /** Return the column and row, in CSS pixels, of a point in mm; null behind the camera. */
  project(point) {
    const m = this.view;
    if (!m) return null;
    const w = m[3] * point[0] + m[7] * point[1] + m[11] * point[2] + m[15];
    if (w <= 0) return null;
    const x = m[0] * point[0] + m[4] * point[1] + m[8] * point[2] + m[12];
    const y = m[1] * point[0] + m[5] * point[1] + m[9] * point[2] + m[13];
    return [((x / w + 1) / 2) * this.canvas.clientWidth, ((1 - y / w) / 2) * this.canvas.clientHeight];
  }

  _use(name, values) {
    const gl = this.gl,
      made = this.programs[name];
    gl.useProgram(made.program);
    for (const [key, value] of Object.entries(values)) {
      const at = made.uniforms[key];
      if (at === undefined) continue;
      if (typeof value === "number") gl.uniform1f(at, value);
      else if (value.length === 2) gl.uniform2fv(at, value);
      else if (value.length === 3) gl.uniform3fv(at, value);
      else if (value.length === 4) gl.uniform4fv(at, value);
      else gl.uniformMatrix4fv(at, false, value);
    }
  }
}
