// What every shader of the arena needs to know of the view: where the eye is, and how large the screen.
import { UniformGroup } from "pixi.js";

/** How much nearer to the eye one metre of height is, as a share of the distance from the middle of the view. */
export const LEAN = 0.05;

/**
 * Declares the uniforms, and `shade()`: the darkening toward the corners of the screen. It is part of the shaders that paint
 * the arena instead of a layer above them: a software renderer pays for every pixel of every layer, and players stay bright.
 */
export const LENS_GLSL = `
uniform vec2 uEye;
uniform vec2 uScreen;
float shade() {
  vec2 d = gl_FragCoord.xy * uScreen * 2.0 - 1.0;
  float r = dot(d, d) * 0.5;
  return 1.0 - 0.62 * r * r;
}`;

export class Lens {
  private readonly eye = new Float32Array(2);
  private readonly screen = new Float32Array([1, 1]);
  readonly uniforms = new UniformGroup({
    uEye: { value: this.eye, type: "vec2<f32>" },
    /** One over the size in device pixels. */
    uScreen: { value: this.screen, type: "vec2<f32>" },
  });

  /** The middle of the view in metres: everything tall leans away from it. */
  look(x: number, y: number): void {
    this.eye[0] = x;
    this.eye[1] = y;
    this.uniforms.update();
  }

  resize(width: number, height: number): void {
    this.screen[0] = 1 / Math.max(1, width);
    this.screen[1] = 1 / Math.max(1, height);
    this.uniforms.update();
  }
}
