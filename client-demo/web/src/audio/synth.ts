// Small instruments built from oscillators and noise: every sound is computed, none is loaded.

/** Volume 0..1 and place from -1 (left) to 1 (right). */
export interface Placement {
  gain: number;
  pan: number;
}

const NOISE_SECONDS = 1.2;

export class Synth {
  private readonly out: GainNode;
  private readonly noise: AudioBuffer;

  constructor(private readonly audio: AudioContext) {
    const limiter = audio.createDynamicsCompressor();
    limiter.threshold.value = -14;
    limiter.ratio.value = 8;
    this.out = audio.createGain();
    this.out.gain.value = 0.55;
    this.out.connect(limiter).connect(audio.destination);
    this.noise = audio.createBuffer(1, audio.sampleRate * NOISE_SECONDS, audio.sampleRate);
    const samples = this.noise.getChannelData(0);
    for (let i = 0; i < samples.length; i++) samples[i] = Math.random() * 2 - 1;
  }

  mute(muted: boolean): void {
    this.out.gain.setTargetAtTime(muted ? 0 : 0.55, this.audio.currentTime, 0.02);
  }

  /** A tone that slides from one pitch to another while it fades. */
  tone(
    type: OscillatorType,
    from: number,
    to: number,
    seconds: number,
    volume: number,
    at: Placement,
    delay = 0,
  ): void {
    const start = this.audio.currentTime + delay;
    const oscillator = this.audio.createOscillator();
    oscillator.type = type;
    oscillator.frequency.setValueAtTime(from, start);
    oscillator.frequency.exponentialRampToValueAtTime(Math.max(1, to), start + seconds);
    oscillator.connect(this.fading(start, seconds, volume, at));
    oscillator.start(start);
    oscillator.stop(start + seconds + 0.02);
  }

  /** Filtered noise whose colour slides while it fades. */
  hiss(
    filter: BiquadFilterType,
    from: number,
    to: number,
    q: number,
    seconds: number,
    volume: number,
    at: Placement,
    delay = 0,
  ): void {
    const start = this.audio.currentTime + delay;
    const source = this.audio.createBufferSource();
    source.buffer = this.noise;
    const color = this.audio.createBiquadFilter();
    color.type = filter;
    color.Q.value = q;
    color.frequency.setValueAtTime(from, start);
    color.frequency.exponentialRampToValueAtTime(Math.max(20, to), start + seconds);
    source.connect(color).connect(this.fading(start, seconds, volume, at));
    source.start(start, Math.random() * (NOISE_SECONDS - Math.min(seconds, NOISE_SECONDS)), seconds + 0.05);
  }

  private fading(start: number, seconds: number, volume: number, at: Placement): GainNode {
    const gain = this.audio.createGain();
    gain.gain.setValueAtTime(Math.max(0.0001, volume * at.gain), start);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + seconds);
    const pan = this.audio.createStereoPanner();
    pan.pan.value = at.pan;
    gain.connect(pan).connect(this.out);
    return gain;
  }
}
