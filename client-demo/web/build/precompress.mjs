// Writes a .br and a .gz beside every asset that gains from it, so that the server never compresses at run time.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = process.argv[2] ?? "dist";
const compressible = /\.(html|js|css|wasm|svg|json|txt)$/;
const totals = new Map();

for (const name of readdirSync(root, { recursive: true }).map(String).sort()) {
  if (!compressible.test(name)) continue;
  const path = join(root, name);
  const bytes = readFileSync(path);
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  const gzip = gzipSync(bytes, { level: 9 });
  writeFileSync(`${path}.br`, brotli);
  writeFileSync(`${path}.gz`, gzip);
  const kind = name.slice(name.lastIndexOf(".") + 1);
  totals.set(kind, (totals.get(kind) ?? 0) + gzip.length);
  console.log(`${name.padEnd(36)} ${kb(bytes.length)} raw ${kb(gzip.length)} gzip ${kb(brotli.length)} brotli`);
}
for (const [kind, size] of totals) console.log(`total ${kind.padEnd(30)} ${" ".repeat(12)} ${kb(size)} gzip`);

function kb(bytes) {
  return `${(bytes / 1000).toFixed(1).padStart(7)} KB`;
}
