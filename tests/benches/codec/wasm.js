// node wasm.js MODULE RECORDING TABLES FROM TO BACK STRIDE: sends part of a recording twice, first to warm the compiler up, and prints
// the milliseconds of encoding and decoding in the second pass, then what came of it.
const { readFileSync } = require("node:fs");
const [module_, recording, tables, ...numbers] = process.argv.slice(2);
const { Replay } = require(module_);
const replay = new Replay(readFileSync(recording), readFileSync(tables), ...numbers.map(Number));
let encode, decode;
for (let pass = 0; pass < 2; pass++) {
  replay.rewind();
  encode = decode = 0;
  while (replay.begin()) {
    const begun = performance.now();
    replay.encode();
    const encoded = performance.now();
    replay.decode();
    const decoded = performance.now();
    if (!replay.check()) continue;
    encode += encoded - begun;
    decode += decoded - encoded;
  }
}
console.log(encode, decode, replay.tally());
