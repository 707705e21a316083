// Simulated links as numbers and in words. Pure: no DOM here.

export interface LinkNumbers {
  rttMs: number;
  jitterMs: number;
  /** Percent of segments that are lost: each holds up all that follows for about a round trip. */
  lossPercent: number;
  /** kbit/s towards this page; 0 without a limit. */
  kbps: number;
  /** Nothing passes for so long in every 30 s. */
  holeSeconds: number;
}

/** A link that has a name. P0 is none: nothing is simulated. */
export interface Profile extends LinkNumbers {
  name: string;
}

export const NO_LINK: LinkNumbers = { rttMs: 0, jitterMs: 0, lossPercent: 0, kbps: 0, holeSeconds: 0 };

const KEYS = ["rttMs", "jitterMs", "lossPercent", "kbps", "holeSeconds"] as const;

/** The profile that a link is, if it is one. */
export function profileOf(link: LinkNumbers, profiles: readonly Profile[]): string | undefined {
  return profiles.find((profile) => KEYS.every((key) => profile[key] === link[key]))?.name;
}

/** For the player; "" while nothing is simulated. */
export function describe(link: LinkNumbers, name: string | undefined): string {
  if (KEYS.every((key) => link[key] === 0)) return "";
  const parts = [`${name === undefined ? "" : `${name}: `}round trip ${link.rttMs} ± ${link.jitterMs} ms`];
  if (link.lossPercent > 0) parts.push(`${link.lossPercent} % of segments lost`);
  if (link.kbps > 0) parts.push(`${link.kbps} kbit/s to you`);
  if (link.holeSeconds > 0) parts.push(`nothing passes for ${link.holeSeconds} s in every 30 s`);
  return parts.join(", ");
}

/** The steps of the bandwidth slider in kbit/s, from its right end; none at its left, where all sliders are off. */
export const RATES = [32, 48, 64, 96, 128, 192, 256, 384, 512, 1024, 2048, 8192];

/** kbit/s of a step; 0 for no limit. */
export function rateOfStep(step: number): number {
  return RATES[RATES.length - step] ?? 0;
}

/** The step nearest to a rate. */
export function stepOfRate(kbps: number): number {
  if (kbps === 0) return 0;
  const at = RATES.findIndex((rate) => rate >= kbps);
  return RATES.length - (at < 0 ? RATES.length - 1 : at);
}
