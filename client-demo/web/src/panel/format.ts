// Numbers as they are read. Pure: no DOM here.

/** What stands for a value that is not known. */
export const UNKNOWN = "–";

/** At most three digits that matter: 0.04, 7.3, 152. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return UNKNOWN;
  const size = Math.abs(value);
  const digits = size >= 99.95 ? 0 : size >= 0.9995 ? 1 : 2;
  const text = value.toFixed(digits);
  // A negative zero is no news.
  return Number(text) === 0 ? "0" : text.replace("-", "−");
}

/** A number with its unit; the unit stays away from what is not known. */
export function withUnit(value: number, unit: string): string {
  const text = short(value);
  return text === UNKNOWN || unit === "" ? text : `${text} ${unit}`;
}

/** How well a value does. */
export type Level = "good" | "warn" | "bad" | "";

/** Judges by the largest value that is still good and the largest that is still bearable. */
export function atMost(good: number, bearable: number): (value: number) => Level {
  return (value) => (Number.isNaN(value) ? "" : value <= good ? "good" : value <= bearable ? "warn" : "bad");
}

/** Judges by the least value that is still good and the least that is still bearable. */
export function atLeast(good: number, bearable: number): (value: number) => Level {
  return (value) => (Number.isNaN(value) ? "" : value >= good ? "good" : value >= bearable ? "warn" : "bad");
}
