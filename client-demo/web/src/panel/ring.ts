// The figures of the last minute, sample by sample: what the net panel draws, and looks back into. Pure: no DOM here.

/** Samples kept: a minute at 20 per second. */
const SAMPLES = 1200;

/** A ring of samples: rows of numbers, each with its time. Ages count from the newest, which has 0. */
export class Ring {
  private readonly times: Float64Array;
  private readonly values: Float64Array;
  private next = 0;
  private count = 0;

  constructor(
    private readonly width: number,
    private readonly samples = SAMPLES,
  ) {
    this.times = new Float64Array(samples);
    this.values = new Float64Array(samples * width);
  }

  /** How many samples there are. */
  get size(): number {
    return this.count;
  }

  /** Adds a sample, forgetting the oldest when there is no place. `time` in ms never goes back. */
  push(time: number, row: ArrayLike<number>): void {
    this.times[this.next] = time;
    for (let i = 0; i < this.width; i++) this.values[this.next * this.width + i] = row[i] ?? NaN;
    this.next = (this.next + 1) % this.samples;
    this.count = Math.min(this.count + 1, this.samples);
  }

  /** When the sample of this age was taken, in ms; NaN when there is none. */
  time(age: number): number {
    return age >= 0 && age < this.count ? (this.times[this.place(age)] ?? NaN) : NaN;
  }

  /** One number of the sample of this age; NaN when it is unknown. */
  value(age: number, column: number): number {
    if (!(age >= 0 && age < this.count && column >= 0 && column < this.width)) return NaN;
    return this.values[this.place(age) * this.width + column] ?? NaN;
  }

  /** The age of the newest sample that was taken at `time` or before; of the oldest when all are later. */
  ageAt(time: number): number {
    // Times ascend with falling age, so the first that is not later is found by halving.
    let [low, high] = [0, Math.max(0, this.count - 1)];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.time(middle) <= time) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** As it is now: what is looked at while it is paused. */
  copy(): Ring {
    const copy = new Ring(this.width, this.samples);
    copy.times.set(this.times);
    copy.values.set(this.values);
    copy.next = this.next;
    copy.count = this.count;
    return copy;
  }

  private place(age: number): number {
    return (this.next - 1 - age + 2 * this.samples) % this.samples;
  }
}
