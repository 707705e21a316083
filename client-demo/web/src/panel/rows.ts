// What the net panel shows, row by row: each has a graph of the last ten seconds and its figures at one moment. Pure: no DOM here.
//
// The bounds are those of the project's requirements for ordinary to lossy links (round trip 100 ± 20 ms, 0.1 to 1 % loss).
import { atLeast, atMost, type Level, short, withUnit } from "./format";
import type { Ring } from "./ring";
import { type Columns, gain, gauge, per, rate, type Series, share, times } from "./series";

/** One figure of a row. */
export interface Figure {
  readonly label: string;
  readonly unit: string;
  readonly value: Series;
  readonly judge?: (value: number, ring: Ring, age: number) => Level;
  /** The line in the graph, if it has one. */
  readonly line?: Line;
}

export interface Line {
  readonly color: string;
  /** The graph spans at least this, and grows with what it shows. Lines of a row with the same unit share their scale. */
  readonly span: readonly [number, number];
}

export interface Row {
  readonly title: string;
  readonly help: string;
  readonly figures: readonly Figure[];
}

const SECOND = 1000;
const TEN = 10 * SECOND;
const MINUTE = 60 * SECOND;
/** A kbit has 125 bytes. */
const PER_KBIT = 1 / 125;

const FIRST = "#3df0ff";
const SECOND_COLOR = "#ff9a3c";
const THIRD = "#b99bff";

/** The rows for a core that has these figures; what it has not is left out. */
export function rowsFor(columns: Columns): Row[] {
  /** A figure of the core, drawn as a gauge unless `rest` says otherwise. */
  const figure: Make = (name, label, unit, rest = {}) =>
    columns(name) === undefined ? [] : [{ label, unit, value: gauge(columns, name), ...rest }];
  const rows = [...timeRows(columns, figure), ...pictureRows(columns, figure), ...otherRows(columns, figure)];
  return rows.filter((row) => row.figures.length > 0);
}

type Make = (name: string, label: string, unit: string, rest?: Partial<Figure>) => Figure[];

function line(color: string, least: number, most: number): { line: Line } {
  return { line: { color, span: [least, most] } };
}

function timeRows(columns: Columns, figure: Make): Row[] {
  const late = share(columns, "late", "commands", TEN);
  const dilation = times(gauge(columns, "dilation"), 100);
  // One command in a hundred arrives this early or later: below 0 it came too late, by more than a tick it is felt.
  const slack = atLeast(0, -17);
  return [
    {
      title: "Round trip",
      help: "From a ping to its answer",
      figures: [
        ...figure("rtt", "median", "ms", { ...line(FIRST, 0, 60), judge: atMost(100, 200) }),
        ...figure("rttP95", "p95", "ms", { ...line(SECOND_COLOR, 0, 60), judge: atMost(150, 250) }),
        ...figure("jitter", "jitter", "ms", { judge: atMost(25, 60) }),
      ],
    },
    {
      title: "Commands",
      help: "How far ahead of the server they are made, and how many came too late in ten seconds",
      figures: [
        ...figure("lead", "lead", "ms", line(FIRST, 0, 60)),
        ...figure("late", "late", "%", { ...line(SECOND_COLOR, 0, 3), value: late, judge: atMost(0.7, 3) }),
      ],
    },
    {
      title: "Slack",
      help: "How early half of the commands, and 99 of 100, reach the server; below zero they came too late",
      figures: [
        ...figure("slackP50", "median", "ms", line(FIRST, -10, 40)),
        ...figure("slackP1", "p1", "ms", { ...line(SECOND_COLOR, -10, 40), judge: slack }),
      ],
    },
    {
      title: "Clock",
      help: "How much faster than time the clock of the commands runs",
      figures: figure("dilation", "dilation", "%", {
        value: dilation,
        judge: (value) => atMost(2.5, 4.9)(Math.abs(value)),
        ...line(FIRST, -5, 5),
      }),
    },
  ];
}

function pictureRows(columns: Columns, figure: Make): Row[] {
  const rtt = gauge(columns, "rtt");
  const starved = share(columns, "starved", "pictures", TEN);
  const cost = per(columns, "messageMicros", "messages", SECOND);
  const perMinute = times(rate(columns, "corrections", MINUTE, TEN), 60);
  return [
    {
      title: "Snapshots",
      help: "How old the newest is, how many the server left out in ten seconds, and what it costs to read a message",
      figures: [
        ...figure("snapshotAge", "age", "ms", {
          ...line(FIRST, 0, 100),
          judge: (age, ring, at) => atMost(0, 100)(age - rtt(ring, at) - 50),
        }),
        ...figure("skipped", "skipped", "", { ...line(SECOND_COLOR, 0, 10), value: gain(columns, "skipped", TEN), judge: atMost(0, 10) }),
        ...figure("messageMicros", "message", "µs", { value: cost, judge: atMost(1000, 4000) }),
      ],
    },
    {
      title: "Interpolation",
      help: "How far behind the others are drawn, and pictures with nothing newer to blend to, in ten seconds",
      figures: [
        ...figure("interpolationDelay", "delay", "ms", { ...line(FIRST, 0, 150), judge: atMost(150, 300) }),
        ...figure("starved", "starved", "%", { ...line(SECOND_COLOR, 0, 2), value: starved, judge: atMost(0.5, 1.5) }),
      ],
    },
    {
      title: "Prediction",
      help: "How often the server disagreed in the last minute, by how much, and how much was repeated",
      figures: [
        ...figure("corrections", "wrong", "/min", { ...line(FIRST, 0, 4), value: perMinute, judge: atMost(1, 8) }),
        ...figure("correctionSize", "by", "m", { ...line(SECOND_COLOR, 0, 0.5), judge: atMost(0.25, 1) }),
        ...figure("replayedTicks", "replay", "ticks", { value: per(columns, "replayedTicks", "mispredictions", MINUTE) }),
      ],
    },
  ];
}

function otherRows(columns: Columns, figure: Make): Row[] {
  const kbps = (name: string) => ({ value: times(rate(columns, name, SECOND), PER_KBIT) });
  const clamped = share(columns, "clamped", "looks", MINUTE);
  return [
    {
      title: "Received, kbit/s",
      help: "Messages from the server, by kind",
      figures: [
        ...figure("snapshotBytesIn", "snapshots", "", { ...kbps("snapshotBytesIn"), ...line(FIRST, 0, 16) }),
        ...figure("eventBytesIn", "events", "", { ...kbps("eventBytesIn"), ...line(SECOND_COLOR, 0, 16) }),
        ...figure("controlBytesIn", "control", "", { ...kbps("controlBytesIn"), ...line(THIRD, 0, 16) }),
      ],
    },
    {
      title: "Sent, kbit/s",
      help: "Messages to the server, by kind",
      figures: [
        ...figure("commandBytesOut", "commands", "", { ...kbps("commandBytesOut"), ...line(FIRST, 0, 8) }),
        ...figure("controlBytesOut", "control", "", { ...kbps("controlBytesOut"), ...line(THIRD, 0, 8) }),
      ],
    },
    {
      title: "Server",
      help: "What 999 of 1,000 of its ticks take at most, and how late they begin",
      figures: [
        ...figure("serverTickP999", "tick p99.9", "ms", { ...line(FIRST, 0, 4), judge: atMost(8, 16) }),
        ...figure("serverStartP999", "late p99.9", "ms", { ...line(SECOND_COLOR, 0, 4), judge: atMost(1, 4) }),
      ],
    },
    {
      title: "Shots",
      help: "Of the last minute: your rifle shots, those that hit somebody on your screen, and how many of these the server confirmed, but for those where one of the two was dead by then",
      figures: [
        ...figure("shots", "fired", "", { value: gain(columns, "shots", MINUTE) }),
        ...figure("hits", "hit", "", { value: gain(columns, "hits", MINUTE) }),
        ...figure("agreed", "agreed", "%", {
          ...line(FIRST, 90, 100),
          value: share(columns, "agreed", "agreeable", MINUTE),
          judge: atLeast(99.5, 95),
        }),
      ],
    },
    {
      title: "Not as seen",
      help: "Of the last minute: shots that hit somebody when the server had one of the two dead already, shots that hit only there, and views it had to bound",
      figures: [
        ...figure("dead", "dead", "", { value: gain(columns, "dead", MINUTE) }),
        ...figure("gifts", "gifts", "", { value: gain(columns, "gifts", MINUTE) }),
        ...figure("clamped", "bounded", "%", { ...line(SECOND_COLOR, 0, 10), value: clamped, judge: atMost(1, 10) }),
      ],
    },
  ];
}

/** A figure at a moment: as text, and how well it does. */
export function read(figure: Figure, ring: Ring, age: number): { text: string; level: Level } {
  const value = figure.value(ring, age);
  const text = figure.unit === "" ? short(value) : withUnit(value, figure.unit);
  return { text, level: figure.judge?.(value, ring, age) ?? "" };
}
