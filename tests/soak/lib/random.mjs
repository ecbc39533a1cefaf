// Numbers that a seed decides, so that a run can be asked for again. The service's own are not among them, nor is time.

export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  // fraction: 0 to below 1 (mulberry32).
  fraction() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  // whole: a whole number from `from` to `to`, both possible.
  whole(from, to) {
    return from + Math.floor(this.fraction() * (to - from + 1));
  }

  chance(likelihood) {
    return this.fraction() < likelihood;
  }

  pick(list) {
    return list[this.whole(0, list.length - 1)];
  }

  hex(length) {
    return Array.from({ length }, () => this.whole(0, 15).toString(16)).join("");
  }

  // fork: another source; what is drawn from one does not move the other.
  fork() {
    return new Random(this.whole(0, 2 ** 32 - 1));
  }
}
