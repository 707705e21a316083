// A batch of textured rectangles, filled anew every frame and drawn with one call. No objects, no allocations: the frame is
// described in the order in which it is painted.
import { Buffer, BufferUsage, Geometry, Mesh, Shader, type TextureSource } from "pixi.js";
import type { Region } from "./atlas";

/** Bytes per rectangle: centre, half axes' size and turn as floats, texture region, colour, glow. */
const STRIDE = 40;
const WORDS = STRIDE / 4;

const VERTEX = `#version 300 es
in vec2 aCorner;
in vec2 aCentre;
in vec2 aSize;
in vec2 aTurn;
in vec4 aRegion;
in vec4 aColor;
in vec4 aBlend;
out vec2 vUv;
out vec4 vColor;
uniform mat3 uProjectionMatrix;
uniform mat3 uWorldTransformMatrix;
uniform mat3 uTransformMatrix;
void main() {
  vec2 local = aCorner * aSize;
  vec2 place = aCentre + vec2(local.x * aTurn.x - local.y * aTurn.y, local.x * aTurn.y + local.y * aTurn.x);
  mat3 view = uProjectionMatrix * uWorldTransformMatrix * uTransformMatrix;
  gl_Position = vec4((view * vec3(place, 1.0)).xy, 0.0, 1.0);
  vUv = mix(aRegion.xy, aRegion.zw, aCorner + 0.5);
  // Premultiplied alpha makes glowing a matter of degree: without coverage, colour adds to what is there.
  vColor = vec4(aColor.rgb * aColor.a, aColor.a * (1.0 - aBlend.x));
}`;

const FRAGMENT = `#version 300 es
in vec2 vUv;
in vec4 vColor;
out vec4 finalColor;
uniform sampler2D uTexture;
void main() {
  finalColor = texture(uTexture, vUv) * vColor;
}`;

export class QuadBatch {
  readonly mesh: Mesh<Geometry, Shader>;
  private readonly floats: Float32Array;
  private readonly shorts: Uint16Array;
  private readonly words: Uint32Array;
  private readonly buffer: Buffer;
  private count = 0;
  private color = 0xffffffff;
  private blend = 0;

  constructor(
    source: TextureSource,
    private readonly capacity: number,
  ) {
    const bytes = new ArrayBuffer(capacity * STRIDE);
    this.floats = new Float32Array(bytes);
    this.shorts = new Uint16Array(bytes);
    this.words = new Uint32Array(bytes);
    this.buffer = new Buffer({ data: this.floats, usage: BufferUsage.VERTEX | BufferUsage.COPY_DST });
    const shader = Shader.from({
      gl: { vertex: VERTEX, fragment: FRAGMENT, name: "quads" },
      resources: { uTexture: source, uSampler: source.style },
    });
    this.mesh = new Mesh({ geometry: this.geometry(), shader });
  }

  /** Starts a new frame. */
  begin(): void {
    this.count = 0;
    this.tint(0xffffff);
  }

  /** Ends the frame: what was added since begin() is what gets drawn. */
  end(): void {
    this.mesh.geometry.instanceCount = this.count;
    if (this.count > 0) this.buffer.update(this.count * STRIDE);
  }

  /** The ink of the following rectangles: colour 0xrrggbb, opacity 0..1, and from 0 (covers) to 1 (adds light). */
  tint(rgb: number, alpha = 1, glow = 0): void {
    const a = alpha <= 0 ? 0 : alpha >= 1 ? 255 : (alpha * 255 + 0.5) | 0;
    this.color = (((a << 24) >>> 0) | ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >>> 16)) >>> 0;
    this.blend = glow >= 1 ? 255 : (glow * 255) | 0;
  }

  /** A rectangle around (x, y), turned by `angle` radians. A full batch leaves out the rest. */
  add(sprite: Region, x: number, y: number, w: number, h: number, angle = 0): void {
    if (angle === 0) this.turned(sprite, x, y, w, h, 1, 0);
    else this.turned(sprite, x, y, w, h, Math.cos(angle), Math.sin(angle));
  }

  /** As add(), with the turn given as cosine and sine. */
  turned(sprite: Region, x: number, y: number, w: number, h: number, cos: number, sin: number): void {
    if (this.count >= this.capacity || this.color >>> 24 === 0) return;
    const at = this.count++ * WORDS;
    this.floats[at] = x;
    this.floats[at + 1] = y;
    this.floats[at + 2] = w;
    this.floats[at + 3] = h;
    this.floats[at + 4] = cos;
    this.floats[at + 5] = sin;
    const short = at * 2 + 12;
    this.shorts[short] = sprite.u0;
    this.shorts[short + 1] = sprite.v0;
    this.shorts[short + 2] = sprite.u1;
    this.shorts[short + 3] = sprite.v1;
    this.words[at + 8] = this.color;
    this.words[at + 9] = this.blend;
  }

  /** A rectangle from (x0, y0) to (x1, y1), `width` across. */
  line(sprite: Region, x0: number, y0: number, x1: number, y1: number, width: number): void {
    const dx = x1 - x0;
    const dy = y1 - y0;
    const length = Math.hypot(dx, dy);
    if (length > 0) this.turned(sprite, (x0 + x1) / 2, (y0 + y1) / 2, length, width, dx / length, dy / length);
  }

  private geometry(): Geometry {
    const per = (format: "float32x2" | "unorm16x4" | "unorm8x4", offset: number) =>
      ({ buffer: this.buffer, format, offset, stride: STRIDE, instance: true }) as const;
    return new Geometry({
      attributes: {
        aCorner: {
          buffer: new Buffer({
            data: new Float32Array([-0.5, -0.5, 0.5, -0.5, 0.5, 0.5, -0.5, 0.5]),
            usage: BufferUsage.VERTEX,
          }),
          format: "float32x2",
        },
        aCentre: per("float32x2", 0),
        aSize: per("float32x2", 8),
        aTurn: per("float32x2", 16),
        aRegion: per("unorm16x4", 24),
        aColor: per("unorm8x4", 32),
        aBlend: per("unorm8x4", 36),
      },
      indexBuffer: [0, 1, 2, 0, 2, 3],
      instanceCount: 0,
    });
  }
}
