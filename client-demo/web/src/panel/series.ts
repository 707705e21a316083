// From samples to what is read: gauges, and rates of counters over a window. Pure: no DOM here.
import type { Ring } from "./ring";

/** A number at a moment, which is given as the age of a sample; NaN when it is unknown. */
export type Series = (ring: Ring, age: number) => number;

/** Finds the column of a figure by its name; `undefined` when the core has no such figure. */
export type Columns = (name: string) => number | undefined;

const UNKNOWN: Series = () => NaN;

/** The figure itself. */
export function gauge(columns: Columns, name: string): Series {
  const column = columns(name);
  return column === undefined ? UNKNOWN : (ring, age) => ring.value(age, column);
}

/** How far a counter has come within the `ms` before; NaN while less than `least` of that is known. */
export function gain(columns: Columns, name: string, ms: number, least = ms / 2): Series {
  const column = columns(name);
  if (column === undefined) return UNKNOWN;
  return (ring, age) => {
    const then = ring.ageAt(ring.time(age) - ms);
    const passed = ring.time(age) - ring.time(then);
    const gained = ring.value(age, column) - ring.value(then, column);
    return passed >= least && gained >= 0 ? gained : NaN;
  };
}

/** A counter's gain per second, over a window of `ms`, or what is known of it, but not less than `least`. */
export function rate(columns: Columns, name: string, ms: number, least = ms / 2): Series {
  const gained = gain(columns, name, ms, least);
  return (ring, age) => {
    const passed = ring.time(age) - ring.time(ring.ageAt(ring.time(age) - ms));
    return (gained(ring, age) / passed) * 1000;
  };
}

/** One counter's gain for each that another gained; NaN while the other stands still. */
export function per(columns: Columns, part: string, whole: string, ms: number): Series {
  const [parts, wholes] = [gain(columns, part, ms), gain(columns, whole, ms)];
  return (ring, age) => {
    const all = wholes(ring, age);
    return all > 0 ? parts(ring, age) / all : NaN;
  };
}

/** The same in percent. */
export function share(columns: Columns, part: string, whole: string, ms: number): Series {
  return times(per(columns, part, whole, ms), 100);
}

/** A series by another factor: units. */
export function times(series: Series, factor: number): Series {
  return (ring, age) => series(ring, age) * factor;
}
