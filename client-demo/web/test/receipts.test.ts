import { expect, test } from "vitest";
import { type Receipt, wordsOf } from "../src/hud/receipts";

const missed: Receipt = {
  type: "receipt",
  x0: 1,
  y0: 1,
  x1: 9,
  y1: 1,
  verdict: "missed",
  victim: null,
  rewound: 123.4,
  clamped: false,
  poses: [],
};

test("a receipt says what became of the shot, and how old the picture was", () => {
  expect(wordsOf(missed)).toBe("missed · 123 ms ago");
  expect(wordsOf({ ...missed, verdict: "blocked", rewound: 0 })).toBe("wall in the way · now");
  expect(wordsOf({ ...missed, verdict: "hit", clamped: true })).toBe("hit · 123 ms ago, not the picture you had");
});
