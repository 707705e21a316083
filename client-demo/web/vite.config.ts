import { existsSync } from "node:fs";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const WASM = new URL("./src/wasm/arena.js", import.meta.url).pathname;
const MOCK = new URL("./dev/mock/arena.ts", import.meta.url).pathname;

/** The policy that the server sends; `vite preview` sends it too, so that a violation shows before deployment. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:; " +
  "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:";

/** Pixi's automatic extensions (events, accessibility, DOM overlays) are never loaded: leave their 50 KB out of the bundle. */
function withoutPixiExtensions(): Plugin {
  const unused = /pixi\.js\/lib\/environment-(browser|webworker)\/(browser|webworker)Ext\.mjs$/;
  return {
    name: "without-pixi-extensions",
    load(id) {
      const kind = unused.exec(id)?.[2];
      if (!kind) return null;
      return `export const ${kind}Ext = { extension: { type: "environment", name: "${kind}", priority: -1 }, test: () => ${kind === "browser"}, load: async () => {} };`;
    },
  };
}

/** Lets the browser fetch the wasm beside the scripts instead of after them. */
function preloadWasm(): Plugin {
  return {
    name: "preload-wasm",
    transformIndexHtml: {
      order: "post",
      handler: (_html, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((name) => name.endsWith(".wasm"))
          .map((name) => ({
            tag: "link",
            attrs: { rel: "preload", href: `/${name}`, as: "fetch", type: "application/wasm", crossorigin: true },
            injectTo: "head" as const,
          })),
    },
  };
}

export default defineConfig(({ mode, command }) => {
  const mock = mode === "mock" || mode === "test";
  if (!mock && command === "build" && !existsSync(WASM)) {
    throw new Error(`${WASM} is missing: run \`cargo xtask wasm\` first`);
  }
  return {
    resolve: { alias: { "arena-wasm": mock ? MOCK : WASM } },
    plugins: [withoutPixiExtensions(), preloadWasm()],
    build: {
      target: "es2023",
      outDir: mock ? "dist-mock" : "dist",
      assetsInlineLimit: 0,
      sourcemap: false,
      reportCompressedSize: false,
    },
    preview: { headers: { "Content-Security-Policy": CONTENT_SECURITY_POLICY } },
    // `npm run dev` beside `arena serve`: the page hot-reloads, the match comes from the server.
    server: {
      // The treemap of bytes lies with the server.
      fs: { allow: ["../.."] },
      proxy: mock ? {} : { "/ws": { target: "ws://127.0.0.1:8080", ws: true }, "/level": "http://127.0.0.1:8080" },
    },
    test: { include: ["test/**/*.test.ts"] },
  };
});
