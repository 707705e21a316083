import { describe, expect, it, test } from "vitest";
import { MOCK_FIGURES, MOCK_LINKS, mockFigures } from "../dev/mock/net";
import { atLeast, atMost, short, withUnit } from "../src/panel/format";
import { describe as tell, NO_LINK, profileOf, rateOfStep, RATES, stepOfRate } from "../src/panel/links";
import { Ring } from "../src/panel/ring";
import { read, rowsFor } from "../src/panel/rows";
import { Scrub } from "../src/panel/scrub";
import { gain, gauge, rate, share } from "../src/panel/series";

/** A ring of two columns: a sample every 50 ms, a gauge and a counter that gains 2 each. */
function ringOf(samples: number, places = 1200): Ring {
  const ring = new Ring(2, places);
  for (let i = 0; i < samples; i++) ring.push(1000 + 50 * i, [i, 2 * i]);
  return ring;
}

const columns = (name: string) => ({ gauge: 0, counter: 1 })[name];

describe("Ring", () => {
  it("is empty, then remembers, then forgets the oldest", () => {
    const ring = new Ring(2, 4);
    expect([ring.size, ring.ageAt(0), ring.time(0), ring.value(0, 0)]).toEqual([0, 0, NaN, NaN]);
    for (let i = 0; i < 6; i++) ring.push(i * 10, [i, -i]);
    expect([0, 1, 2, 3, 4].map((age) => ring.value(age, 0))).toEqual([5, 4, 3, 2, NaN]);
    expect([ring.size, ring.time(3), ring.value(3, 1), ring.value(0, 2)]).toEqual([4, 20, -2, NaN]);
  });

  it("finds the sample of a moment", () => {
    const ring = ringOf(7, 5);
    expect([1300, 1299, 1250, 1201, 1100, 0].map((time) => ring.ageAt(time))).toEqual([0, 1, 1, 2, 4, 4]);
  });

  it("takes what a core leaves out as unknown, and its copy stands still", () => {
    const ring = new Ring(2, 4);
    ring.push(1, [7]);
    const copy = ring.copy();
    ring.push(2, [8, 8]);
    expect([copy.size, copy.value(0, 0), copy.value(0, 1)]).toEqual([1, 7, NaN]);
  });
});

describe("series", () => {
  it("read gauges, gains, rates and shares", () => {
    const ring = ringOf(61);
    expect(gauge(columns, "gauge")(ring, 3)).toBe(57);
    expect(gain(columns, "counter", 1000)(ring, 0)).toBe(40);
    expect(rate(columns, "counter", 1000)(ring, 0)).toBeCloseTo(40);
    expect(share(columns, "gauge", "counter", 1000)(ring, 0)).toBe(50);
  });

  it("say nothing of what is not known", () => {
    const ring = ringOf(61);
    expect(gauge(columns, "shots")(ring, 0)).toBeNaN();
    expect(gain(columns, "counter", 1000)(ring, 55), "only a quarter of a second before it").toBeNaN();
    expect(rate(columns, "shots", 1000)(ring, 0)).toBeNaN();
    ring.push(5000, [0, 0]);
    expect(gain(columns, "counter", 1000)(ring, 0), "a counter that went back").toBeNaN();
    const still = new Ring(2, 100);
    for (let i = 0; i < 50; i++) still.push(i * 50, [i, 7]);
    expect(share(columns, "gauge", "counter", 1000)(still, 0), "a part of nothing").toBeNaN();
  });
});

test("numbers have the digits that matter", () => {
  const numbers = [0, 0.004, 0.049, 0.96, 1.04, 9.96, 12.34, 99.97, 1234.5, -0.001, -3.21, NaN, Infinity];
  expect(numbers.map(short)).toEqual(["0", "0", "0.05", "0.96", "1.0", "10.0", "12.3", "100", "1235", "0", "−3.2", "–", "–"]);
  expect([withUnit(3, "ms"), withUnit(NaN, "ms"), withUnit(3, "")]).toEqual(["3.0 ms", "–", "3.0"]);
});

test("bounds judge, and nothing judges what is not known", () => {
  expect([1, 2, 3, 4, NaN].map(atMost(1, 3))).toEqual(["good", "warn", "warn", "bad", ""]);
  expect([99.5, 99, 90, NaN].map(atLeast(99.5, 95))).toEqual(["good", "warn", "bad", ""]);
});

describe("Scrub", () => {
  it("stands still at a moment while the measuring goes on", () => {
    const scrub = new Scrub(1000);
    scrub.live = ringOf(61);
    expect([scrub.paused, scrub.age, scrub.ago]).toEqual([false, 0, 0]);
    scrub.lookBack(500);
    scrub.live.push(4050, [99, 99]);
    expect([scrub.paused, scrub.age, scrub.ago, scrub.ring.value(scrub.age, 0)]).toEqual([true, 10, 500, 50]);
    scrub.resume();
    expect([scrub.paused, scrub.age, scrub.ring.value(scrub.age, 0)]).toEqual([false, 0, 99]);
  });

  it("steps, but not beyond what is drawn", () => {
    const scrub = new Scrub(1000);
    scrub.live = ringOf(61);
    for (const [samples, age] of [[3, 3], [10, 13], [-1, 12], [99, 20], [-99, 0]] as const) {
      scrub.step(samples);
      expect(scrub.age).toBe(age);
    }
  });

  it("looks at nothing while there is nothing", () => {
    const scrub = new Scrub(1000);
    scrub.step(5);
    expect([scrub.age, scrub.ago, scrub.ring.value(0, 0)]).toEqual([0, NaN, NaN]);
  });
});

describe("rows", () => {
  const indexOf = (names: readonly string[]) => (name: string) => {
    const at = names.indexOf(name);
    return at < 0 ? undefined : at;
  };

  it("show what the core has, and leave out what it has not", () => {
    expect(rowsFor(() => undefined)).toEqual([]);
    const rows = rowsFor(indexOf(["rtt", "commandBytesOut"]));
    expect(rows.map((row) => [row.title, row.figures.map((figure) => figure.label)])).toEqual([
      ["Round trip", ["median"]],
      ["Sent, kbit/s", ["commands"]],
    ]);
  });

  it("tell shots at and by the already dead apart from what the server denied", () => {
    const names = ["shots", "hits", "agreed", "dead", "agreeable", "gifts"];
    const rows = rowsFor(indexOf(names));
    const ring = new Ring(names.length);
    ring.push(0, [0, 0, 0, 0, 0, 0]);
    ring.push(59_000, [100, 60, 49, 10, 50, 1]);
    const text = rows.map((row) => row.figures.map((figure) => `${figure.label} ${read(figure, ring, 0).text}`));
    expect(text).toEqual([
      ["fired 100", "hit 60.0", "agreed 98.0 %"],
      ["dead 10.0", "gifts 1.0"],
    ]);
  });

  it("read plausible figures from a minute of play", () => {
    const rows = rowsFor(indexOf(MOCK_FIGURES));
    const ring = new Ring(MOCK_FIGURES.length);
    const [, , p2] = MOCK_LINKS;
    for (let t = 0; t <= 70_000; t += 50) ring.push(t, mockFigures(t, p2!));
    const all = rows.flatMap((row) => row.figures.map((figure) => [`${row.title} ${figure.label}`, read(figure, ring, 0)] as const));
    const figures = Object.fromEntries(all);
    expect(figures["Round trip median"]?.level).toBe("warn");
    expect(figures["Prediction wrong"]?.text).toBe("12.0 /min");
    expect(figures["Shots agreed"], "no such figure").toBeUndefined();
    expect(all.filter(([, { text }]) => text === "–")).toEqual([]);
  });
});

describe("links", () => {
  it("have words, and a name if they are a profile", () => {
    const told = MOCK_LINKS.map((link) => tell(link, profileOf({ ...link }, MOCK_LINKS)));
    expect(told).toEqual([
      "",
      "P1: round trip 50 ± 10 ms",
      "P2: round trip 100 ± 20 ms, 0.1 % of segments lost",
      "P3: round trip 100 ± 20 ms, 1 % of segments lost",
      "P4: round trip 200 ± 40 ms, 0.1 % of segments lost",
      "P5: round trip 50 ± 10 ms, nothing passes for 2 s in every 30 s",
      "P6: round trip 50 ± 10 ms, 256 kbit/s to you",
    ]);
    expect(profileOf({ ...NO_LINK, rttMs: 51 }, MOCK_LINKS)).toBeUndefined();
  });

  it("have a step for each rate, and none for no limit", () => {
    expect([rateOfStep(0), stepOfRate(0)]).toEqual([0, 0]);
    for (const kbps of RATES) expect(rateOfStep(stepOfRate(kbps))).toBe(kbps);
    expect([rateOfStep(1), rateOfStep(RATES.length)]).toEqual([8192, 32]);
    expect([rateOfStep(stepOfRate(1)), rateOfStep(stepOfRate(99_999))]).toEqual([32, 8192]);
  });
});
