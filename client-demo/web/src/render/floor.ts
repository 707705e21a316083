// The floor, painted once into a texture: panels, seams, wear, stripes, and the light of lightmap.ts on top.
import {
  BufferImageSource,
  Container,
  Geometry,
  Mesh,
  RenderTexture,
  Shader,
  Texture,
  UniformGroup,
  type WebGLRenderer,
} from "pixi.js";
import type { ArenaMap } from "../seam/map";
import { LENS_GLSL, type Lens } from "./lens";
import { bakeLight, type Lamp, LIGHT_RANGE, LIGHT_RES } from "./lightmap";

/** For both programs: a rectangle of the map's size. */
const VERTEX = `#version 300 es
in vec2 aCorner;
out vec2 vPlace;
uniform mat3 uProjectionMatrix;
uniform mat3 uWorldTransformMatrix;
uniform mat3 uTransformMatrix;
uniform vec2 uMapSize;
void main() {
  vPlace = aCorner * uMapSize;
  mat3 view = uProjectionMatrix * uWorldTransformMatrix * uTransformMatrix;
  gl_Position = vec4((view * vec3(vPlace, 1.0)).xy, 0.0, 1.0);
}`;

const PAINT = `#version 300 es
precision highp float;
in vec2 vPlace;
out vec4 finalColor;
uniform sampler2D uLight;
uniform vec2 uMapSize;
uniform float uPixel;

float hash(vec2 p) {
  p = fract(p * vec2(123.34, 456.21));
  p += dot(p, p + 45.32);
  return fract(p.x * p.y);
}
float noise(vec2 p) {
  vec2 i = floor(p), f = fract(p);
  f = f * f * (3.0 - 2.0 * f);
  return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x), mix(hash(i + vec2(0, 1)), hash(i + vec2(1, 1)), f.x), f.y);
}
float fbm(vec2 p) {
  return noise(p) * 0.5 + noise(p * 2.1 + 7.3) * 0.28 + noise(p * 4.3 + 1.7) * 0.15 + noise(p * 9.1) * 0.07;
}
// Coverage of a line of half width w at distance d, one pixel soft.
float line(float d, float w) { return 1.0 - smoothstep(w - uPixel * 0.5, w + uPixel, d); }

void main() {
  // Plates of 2 x 2 m; some are joined to 4 x 2.
  vec2 p = vPlace;
  vec2 cell = floor(p / 2.0);
  float joined = step(0.72, hash(vec2(floor(cell.x / 2.0), cell.y) + 3.0));
  vec2 size = vec2(2.0 + 2.0 * joined, 2.0);
  vec2 plate = floor(p / size);
  vec2 inside = fract(p / size) * size;
  vec2 border = min(inside, size - inside);
  float edge = min(border.x, border.y);
  float tone = hash(plate + joined * 17.0);

  vec3 color = mix(vec3(0.192, 0.222, 0.284), vec3(0.238, 0.268, 0.332), tone);
  // Tread: fine diagonal ribs on some plates.
  float ribs = step(0.8, hash(plate + 41.0)) * step(0.16, edge);
  vec2 d = vec2(p.x + p.y, p.x - p.y) * 2.6;
  float rib = line(abs(fract(d.x) - 0.5) * 0.27, 0.028) * step(0.5, fract(d.y * 0.5)) + line(abs(fract(d.y) - 0.5) * 0.27, 0.028) * step(0.5, fract(d.x * 0.5 + 0.5));
  color *= 1.0 + ribs * (rib * 0.2 - 0.06);
  // Slotted vents on a few.
  float vent = step(0.95, hash(plate + 11.0)) * step(0.34, edge);
  color *= 1.0 - vent * 0.6 * line(abs(fract(inside.y * 4.0) - 0.5) * 0.25, 0.06);
  // The metre grid, barely there: it shows speed and distance.
  vec2 metre = abs(fract(p + 0.5) - 0.5);
  color *= 1.0 - 0.09 * line(min(metre.x, metre.y), 0.01);
  color += 0.035 * line(length(metre), 0.05);
  // Wear: large stains and small grain.
  float stain = fbm(p * 0.33 + 4.0);
  color *= 0.84 + 0.34 * stain;
  color *= 0.97 + 0.06 * hash(floor(p / max(uPixel, 0.02)));
  float scratch = smoothstep(0.78, 0.8, noise(vec2(p.x * 0.6 + p.y * 5.0, p.y * 0.7 - p.x * 0.3) * 1.4 + plate));
  color += scratch * 0.018;
  // Seams: a dark gap with a lit lower lip.
  color *= 1.0 - 0.52 * line(edge, 0.022);
  color += 0.05 * line(abs(min(inside.x, inside.y) - 0.05), 0.012);
  // Bolts in the plates' corners.
  float bolt = length(border - 0.17);
  color *= 1.0 - 0.35 * line(bolt, 0.05);
  color += 0.06 * line(length(border - 0.17 + 0.012), 0.026);
  // Worn paint: rings in the middle of the arena, a dashed line across its halves.
  vec2 centre = p - uMapSize * 0.5;
  float worn = smoothstep(0.3, 0.62, fbm(p * 1.7 + 20.0));
  float ring = line(abs(length(centre) - 4.0), 0.07) + line(abs(length(centre) - 3.72), 0.025);
  float dash = line(abs(centre.x), 0.055) * step(0.42, fract(p.y * 0.5)) * step(4.2, length(centre));
  color = mix(color, vec3(0.62, 0.66, 0.74), clamp(ring + dash, 0.0, 1.0) * worn * 0.5);

  vec3 light = texture(uLight, p / uMapSize).rgb * ${LIGHT_RANGE.toFixed(1)};
  finalColor = vec4(color * light, 1.0);
}`;

/** Shows what was painted. */
const SHOW = `#version 300 es
precision highp float;
in vec2 vPlace;
out vec4 finalColor;
uniform sampler2D uFloor;
uniform vec2 uMapSize;
${LENS_GLSL}
void main() {
  finalColor = vec4(texture(uFloor, vPlace / uMapSize).rgb * shade(), 1.0);
}`;

export class Floor {
  /** The painted floor, in metres. */
  readonly mesh: Mesh<Geometry, Shader>;
  private readonly paint: Shader;
  private readonly show: Shader;
  private readonly easel = new Container();
  private readonly size: UniformGroup;
  private texture: RenderTexture | undefined;
  private bakedScale = 0;

  constructor(
    private readonly renderer: WebGLRenderer,
    private readonly map: ArenaMap,
    lamps: readonly Lamp[],
    lens: Lens,
  ) {
    const light = new BufferImageSource({
      resource: bakeLight(map, lamps),
      width: map.width * LIGHT_RES,
      height: map.height * LIGHT_RES,
      format: "rgba8unorm",
      alphaMode: "no-premultiply-alpha",
      scaleMode: "linear",
    });
    this.size = new UniformGroup({
      uMapSize: { value: new Float32Array([map.width, map.height]), type: "vec2<f32>" },
      uPixel: { value: 0.02, type: "f32" },
    });
    this.paint = Shader.from({
      gl: { vertex: VERTEX, fragment: PAINT, name: "floor-paint" },
      resources: { uLight: light, uLightSampler: light.style, floorUniforms: this.size },
    });
    this.show = Shader.from({
      gl: { vertex: VERTEX, fragment: SHOW, name: "floor-show" },
      resources: {
        uFloor: Texture.WHITE.source,
        uFloorSampler: Texture.WHITE.source.style,
        floorUniforms: this.size,
        lensUniforms: lens.uniforms,
      },
    });
    const geometry = new Geometry({
      attributes: { aCorner: [0, 0, 1, 0, 1, 1, 0, 1] },
      indexBuffer: [0, 1, 2, 0, 2, 3],
    });
    this.easel.addChild(new Mesh({ geometry, shader: this.paint }));
    this.mesh = new Mesh({ geometry, shader: this.show });
    // The floor is the bottom of the picture: nothing below shows through.
    this.mesh.state.blend = false;
  }

  /** Paints at `scale` device pixels per metre, unless what is there is about as fine. */
  fit(scale: number): void {
    const limit = 4096 / Math.max(this.map.width, this.map.height);
    const wanted = Math.min(limit, scale);
    if (this.bakedScale > 0 && wanted <= this.bakedScale * 1.1 && wanted >= this.bakedScale * 0.6) return;
    this.bake(wanted);
  }

  /** Paints again after the graphics context was lost. */
  restore(): void {
    if (this.bakedScale > 0) this.bake(this.bakedScale);
  }

  destroy(): void {
    this.mesh.destroy();
    this.easel.destroy({ children: true });
    this.paint.destroy();
    this.show.destroy();
    this.texture?.destroy(true);
  }

  private bake(scale: number): void {
    this.bakedScale = scale;
    const old = this.texture;
    const target = RenderTexture.create({
      width: Math.round(this.map.width * scale),
      height: Math.round(this.map.height * scale),
      scaleMode: "linear",
    });
    this.size.uniforms.uPixel = 1 / scale;
    this.easel.scale.set(scale);
    this.renderer.render({ container: this.easel, target, clear: true });
    this.show.resources.uFloor = target.source;
    this.show.resources.uFloorSampler = target.source.style;
    this.texture = target;
    old?.destroy(true);
  }
}
