"use strict";
// The shaders of the picture, in the language of WebGL 2: solids, skin, floor, wall and lines.

const COMMON = `#version 300 es
precision highp float;
`;
const LIT = `
vec3 lit(vec3 colour, vec3 n, vec3 v, vec3 light, float gloss) {
  n = dot(n, v) < 0.0 ? -n : n;
  float day = max(dot(n, light), 0.0), sky = 0.5 + 0.5 * n.z;
  float shine = pow(max(dot(n, normalize(light + v)), 0.0), 40.0) * gloss;
  float rim = pow(1.0 - max(dot(n, v), 0.0), 3.0) * 0.12;
  return colour * (0.34 + 0.30 * sky + 0.62 * day) + vec3(shine + rim);
}
`;
const SOLIDS_VERTEX = `${COMMON}
layout(location = 0) in vec3 place;
layout(location = 1) in vec3 normal;
layout(location = 2) in float number;
uniform sampler2D poses;
uniform mat4 view;
uniform float flatten, floorZ;
uniform vec3 light;
out vec3 where, facing;
flat out vec4 colour;
flat out float tint, clear;
void main() {
  int row = int(number + 0.5);
  vec4 a = texelFetch(poses, ivec2(0, row), 0), b = texelFetch(poses, ivec2(1, row), 0);
  vec4 c = texelFetch(poses, ivec2(2, row), 0), d = texelFetch(poses, ivec2(3, row), 0);
  where = vec3(dot(a.xyz, place) + a.w, dot(b.xyz, place) + b.w, dot(c.xyz, place) + c.w);
  facing = vec3(dot(a.xyz, normal), dot(b.xyz, normal), dot(c.xyz, normal));
  if (flatten > 0.5) where = vec3(where.xy - light.xy / light.z * max(where.z - floorZ, 0.0), floorZ);
  colour = vec4(d.rgb, 1.0);
  clear = floor(d.a) / 31.0;
  tint = fract(d.a);
  gl_Position = view * vec4(where, 1.0);
}`;
const SOLIDS_FRAGMENT = `${COMMON}
in vec3 where, facing;
flat in vec4 colour;
flat in float tint, clear;
uniform vec3 eye, light, hot;
uniform float flatten, shade, glassy;
out vec4 pixel;
${LIT}
void main() {
  if (flatten > 0.5) { pixel = vec4(0.0, 0.0, 0.0, shade); return; }
  if ((clear > 0.0) != (glassy > 0.5)) discard;
  vec3 own = mix(colour.rgb, hot, clamp(tint, 0.0, 1.0));
  pixel = vec4(lit(own, normalize(facing), normalize(eye - where), light, 0.16), 1.0 - clear);
}`;
const TUBE_VERTEX = `${COMMON}
layout(location = 0) in vec3 place;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec2 on;
uniform mat4 view;
uniform float flatten, floorZ;
uniform vec3 light;
out vec3 where, facing;
out vec2 at;
void main() {
  where = place;
  facing = normal;
  at = on;
  if (flatten > 0.5) where = vec3(where.xy - light.xy / light.z * max(where.z - floorZ, 0.0), floorZ);
  gl_Position = view * vec4(where, 1.0);
}`;
const TUBE_FRAGMENT = `${COMMON}
in vec3 where, facing;
in vec2 at;
uniform vec3 eye, light, hot, skin;
uniform float flatten, shade, tints;
uniform sampler2D organs, flanks;
out vec4 pixel;
${LIT}
void main() {
  if (flatten > 0.5) { pixel = vec4(0.0, 0.0, 0.0, shade); return; }
  vec3 n = normalize(facing), v = normalize(eye - where);
  float through = clamp(dot(n, v), 0.0, 1.0), across = sqrt(max(1.0 - through * through, 0.0));
  vec4 inner = texture(organs, vec2(at.x, 0.5 + 0.5 * across * 0.98));
  vec3 own = mix(skin, inner.rgb, 0.8 * inner.a);
  vec2 moved = texture(flanks, vec2(at.x, 0.5)).rg;
  float tint = max(at.y, 0.0) * moved.r + max(-at.y, 0.0) * moved.g;
  own = mix(own, hot, clamp(1.3 * tint, 0.0, 1.0) * tints);
  pixel = vec4(lit(own, n, v, light, 0.22), 1.0);
}`;
const FLOOR_VERTEX = `${COMMON}
layout(location = 0) in vec2 corner;
uniform mat4 view;
uniform vec2 middle;
uniform float reach, floorZ, bumps, extent;
uniform sampler2D relief;
out vec3 where;
void main() {
  where = vec3(middle + corner * reach, floorZ);
  vec2 share = 0.5 + 0.5 * where.xy / max(extent, 1e-6);
  // Beyond its edges the floor is level; so it is where the fine mesh ends, far from the animal.
  bool there = bumps > 0.0 && max(abs(share.x - 0.5), abs(share.y - 0.5)) < 0.5;
  if (there) where.z += bumps * textureLod(relief, share, 0.0).r;
  gl_Position = view * vec4(where, 1.0);
}`;
const FLOOR_FRAGMENT = `${COMMON}
in vec3 where;
uniform vec3 eye, colour, haze;
uniform vec4 square;
uniform float radius, pattern, contours, scale, fade, bumps, extent, cell;
uniform vec3 light;
uniform sampler2D cells, grain, relief;
out vec4 pixel;
float rise(vec2 share) { return bumps * texture(relief, share).r; }
void main() {
  vec3 own = colour, away = eye - where;
  float far = dot(away, away) / (fade * fade);
  vec2 place = 0.5 + 0.5 * where.xy / max(extent, 1e-6);
  if (bumps > 0.0 && max(abs(place.x - 0.5), abs(place.y - 0.5)) < 0.5) {
    float step = 0.5 * cell / extent;
    float gx = (rise(place + vec2(step, 0)) - rise(place - vec2(step, 0))) / (2.0 * cell);
    float gy = (rise(place + vec2(0, step)) - rise(place - vec2(0, step))) / (2.0 * cell);
    own *= 1.0 + 0.9 * (dot(normalize(vec3(-gx, -gy, 1.0)), light) - light.z);
  }
  if (pattern > 0.5) {
    vec2 share = (where.xy - square.xy) / square.z;
    vec4 shown = texture(cells, share);
    if (contours > 0.0) {
      float level = shown.a * contours, wide = fwidth(level);
      shown.rgb *= 1.0 + 0.10 * clamp(1.4 - abs(level - floor(level + 0.5)) / max(wide, 1e-4), 0.0, 1.0);
      own = shown.rgb;
    } else {
      vec2 edge = min(share, 1.0 - share);
      own = mix(vec3(square.w), shown.rgb, clamp(16.0 * min(edge.x, edge.y), 0.0, 1.0));
    }
  }
  vec2 rough = texture(grain, where.xy / scale).rg;
  own *= 1.0 + 0.10 * (rough.r - 0.5) - (pattern < 0.5 ? 0.16 * rough.g : 0.0);
  if (radius > 0.0) {
    float beyond = dot(where.xy, where.xy) / (radius * radius);
    own *= beyond > 1.0 ? 0.42 : beyond > 0.99 ? 1.15 : 1.0;
  }
  pixel = vec4(mix(own, haze, far / (far + 14.0)), 1.0);
}`;
const WALL_FRAGMENT = `${COMMON}
in vec3 where;
in float around;
uniform vec3 colour;
uniform sampler2D stripes;
uniform float pattern;
out vec4 pixel;
void main() {
  float value = pattern > 0.5 ? texture(stripes, vec2(around, 0.5)).r : 0.5;
  pixel = vec4(colour / max(max(colour.r, colour.g), colour.b) * mix(0.12, 0.88, value), 1.0);
}`;
const WALL_VERTEX = `${COMMON}
layout(location = 0) in vec2 at;
uniform mat4 view;
uniform float radius, height, floorZ;
out vec3 where;
out float around;
void main() {
  around = at.x;
  float angle = 6.2831853 * at.x;
  where = vec3(radius * cos(angle), radius * sin(angle), floorZ + height * at.y);
  gl_Position = view * vec4(where, 1.0);
}`;
const LINE_VERTEX = `${COMMON}
layout(location = 0) in vec3 place;
uniform mat4 view;
void main() { gl_Position = view * vec4(place, 1.0); }`;
const LINE_FRAGMENT = `${COMMON}
uniform vec4 colour;
out vec4 pixel;
void main() { pixel = colour; }`;
