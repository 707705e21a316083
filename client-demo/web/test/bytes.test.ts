import { expect, test } from "vitest";
import { mockExplained } from "../dev/mock/explain";
import { arrange, bytesPerTick, describe as tell, kbps, type Node, percent, short } from "../../../server/src/web/explain/figures.js";

const leaf = (name: string, bits: number): Node => ({ name, bits });
const tree: Node = {
  name: "all",
  bits: 100,
  children: [
    { name: "Body", bits: 70, children: [
      { name: "x", bits: 30, children: [leaf("change", 20), leaf("spawn", 10)] },
      { name: "y", bits: 40, children: [leaf("change", 40)] },
    ] },
    { name: "rows", bits: 5, children: [leaf("id", 5)] },
    { name: "events", bits: 25, children: [leaf("shot", 15), leaf("header", 10)] },
  ],
};

const sum = (node: { bits: number; parts: { bits: number }[] }) => node.parts.reduce((all, part) => all + part.bits, 0);

test("what is drawn is the whole tree, the largest first", () => {
  const drawn = arrange(tree, tree);
  expect(drawn.parts.map((part) => part.label)).toEqual(["Body", "events", "rows"]);
  expect([drawn.bits, sum(drawn)]).toEqual([100, 100]);
  const [body] = drawn.parts;
  expect(body!.parts.map((part) => part.path.join("/"))).toEqual(["Body/y/change", "Body/x"]);
  expect(sum(body!)).toBe(70);
  expect(new Set(body!.parts.map((part) => part.key)).size).toBe(2);
});

test("parts keep their order while the figures change", () => {
  const later = structuredClone(tree);
  later.children![2]!.bits = 500;
  const drawn = arrange(later, tree);
  expect(drawn.parts.map((part) => part.label)).toEqual(["Body", "events", "rows"]);
});

test("a field with one reason is one part", () => {
  const [, , rows] = arrange(tree, tree).parts;
  expect(rows).toMatchObject({ label: "rows", path: ["rows", "id"], parts: [] });
});

test("figures", () => {
  const report = { seconds: 5, tree };
  expect(kbps(20_000, 5)).toBe(4);
  expect(kbps(20_000, 0)).toBe(0);
  expect(bytesPerTick(24_000, report, 60)).toBe(10);
  expect([short(0), short(0.1234), short(12.34), short(1234.5)]).toEqual(["0", "0.12", "12.3", "1,235"]);
  expect([percent(1, 3), percent(1, 0)]).toEqual(["33.3 %", "–"]);
  expect(tell(["Body", "x"], 30, report, 60)).toEqual({
    name: "Body → x",
    figures: "30 bits in 5.0 s · 0.01 kbit/s · 0.01 B per tick · 30.0 %",
  });
});

test("the mock's sums are exact", () => {
  const { recent, all } = mockExplained(0, 34_567);
  for (const { tree } of [recent, all]) expect(sum(arrange(tree, tree))).toBe(tree.bits);
});
