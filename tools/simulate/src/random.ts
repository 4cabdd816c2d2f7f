/** Random numbers that a seed decides: the same seed gives the same numbers on every machine. */
export interface Random {
  /** From 0 up to, but not, 1. */
  next(): number;
  /** A whole number, both ends included. */
  int(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** A waiting time with the given mean, at most 10 times as long. */
  wait(meanMs: number): number;
}

const LONGEST_WAIT = 10;

/** Starts a sequence of numbers. */
export function createRandom(seed: string): Random {
  let state = hash(seed);
  const next = (): number => {
    // Mulberry32: 32 bits of state, no multiplication beyond what Math.imul does exactly.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    wait: (meanMs) => Math.min(LONGEST_WAIT, -Math.log(1 - next())) * meanMs,
  };
}

/** FNV-1a over UTF-16 units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}
