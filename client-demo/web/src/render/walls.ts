// The walls on screen: one mesh whose tops lean away from the middle of the view, as real blocks would.
import { Buffer, BufferUsage, Geometry, Mesh, Shader } from "pixi.js";
import type { ArenaMap } from "../seam/map";
import { LEAN, LENS_GLSL, type Lens } from "./lens";
import { buildWalls, WALL_STRIDE } from "./wallmesh";

const VERTEX = `#version 300 es
in vec2 aPlace;
in float aHeight;
in vec4 aColor;
out vec2 vPlace;
out vec4 vColor;
uniform mat3 uProjectionMatrix;
uniform mat3 uWorldTransformMatrix;
uniform mat3 uTransformMatrix;
uniform vec2 uEye;
void main() {
  vec2 place = uEye + (aPlace - uEye) * (1.0 + aHeight * ${LEAN});
  mat3 view = uProjectionMatrix * uWorldTransformMatrix * uTransformMatrix;
  gl_Position = vec4((view * vec3(place, 1.0)).xy, 0.0, 1.0);
  vPlace = aPlace;
  vColor = aColor;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec2 vPlace;
in vec4 vColor;
out vec4 finalColor;
${LENS_GLSL}
float hash(vec2 p) {
  p = fract(p * vec2(234.34, 435.35));
  p += dot(p, p + 34.23);
  return fract(p.x * p.y);
}
void main() {
  vec3 color = vColor.rgb;
  if (vColor.a > 0.5) {
    // Tops: a plate per cell, slightly uneven, lit from the upper left, with a faint brushed grain.
    vec2 inside = fract(vPlace);
    vec2 border = min(inside, 1.0 - inside);
    float edge = min(border.x, border.y);
    color *= 0.93 + 0.12 * hash(floor(vPlace));
    color *= 1.07 - 0.14 * (inside.x + inside.y) * 0.5;
    color *= 1.0 - 0.16 * (1.0 - smoothstep(0.012, 0.03, edge));
    color *= 1.0 + 0.05 * (1.0 - smoothstep(0.035, 0.05, abs(edge - 0.16)));
    color *= 0.985 + 0.03 * hash(floor(vPlace * vec2(9.0, 46.0)));
  }
  finalColor = vec4(color * shade(), 1.0);
}`;

export class Walls {
  readonly mesh: Mesh<Geometry, Shader>;

  constructor(map: ArenaMap, lens: Lens) {
    const { vertices, indices } = buildWalls(map);
    const buffer = new Buffer({ data: vertices, usage: BufferUsage.VERTEX });
    const stride = WALL_STRIDE * 4;
    this.mesh = new Mesh({
      geometry: new Geometry({
        attributes: {
          aPlace: { buffer, format: "float32x2", offset: 0, stride },
          aHeight: { buffer, format: "float32", offset: 8, stride },
          aColor: { buffer, format: "unorm8x4", offset: 12, stride },
        },
        indexBuffer: new Buffer({ data: indices, usage: BufferUsage.INDEX }),
      }),
      shader: Shader.from({
        gl: { vertex: VERTEX, fragment: FRAGMENT, name: "walls" },
        resources: { lensUniforms: lens.uniforms },
      }),
    });
    this.mesh.state.blend = false;
  }

  destroy(): void {
    this.mesh.geometry.destroy(true);
    this.mesh.destroy();
  }
}
