import { NO_HEADERS } from '@playhead/stream-core';
import type { InputRow } from './operator-family.ts';

/** What random input looks like; shares are parts of 1. */
export interface RowOptions {
  readonly seed: number;
  /** Keys of the records that have one. */
  readonly keys?: readonly string[];
  /** Records of each topic before and after the restart. Default 90 and 60. */
  readonly counts?: readonly [number, number];
  /** Makes a value from the number of the record and a random number below 1. */
  readonly value?: (index: number, random: number) => string;
  readonly nullKeys?: number;
  readonly nullValues?: number;
  /** Records up to 25 ms older than the newest before them. */
  readonly late?: number;
}

const HOUR_MS = 3_600_000;
/** The first timestamp of all input, a full hour from one to two hours ago: brokers delete what is older than a topic keeps, by its timestamps. */
export const START_MS = (Math.floor(Date.now() / HOUR_MS) - 1) * HOUR_MS;

/** Times all through the input, for questions about the past. */
export const PAST_TIMES = Array.from({ length: 20 }, (_, at) => START_MS + at * 30);

type Halves = readonly [readonly InputRow[], readonly InputRow[]];
type Shares = Required<Pick<RowOptions, 'nullKeys' | 'nullValues' | 'late' | 'value' | 'keys'>>;

const DEFAULTS: Shares = {
  keys: ['ada', 'bob', 'cleo', 'dan', 'eve'],
  value: (index, random) => `${'xyz'[Math.floor(random * 3)]}${index}`,
  nullKeys: 0.04,
  nullValues: 0.1,
  late: 0.3,
};
const MAX_LATE_MS = 25;
const JUMP_MS = 60;

/**
 * Records for a number of topics that a task reads together. No two topics have a timestamp in common, so that their order in a task is determined. The second half starts with a newer record of each
 * key: a windowed operator forgets its stream time at a restart, and late records would be taken again before it has seen them.
 */
export function inputHalves(topics: number, { seed, counts = [90, 60], ...shares }: RowOptions): readonly Halves[] {
  const walks = Array.from({ length: topics }, (_, at) => {
    const random = randomNumbers(seed * 31 + at);
    return new Walk(random, { ...DEFAULTS, ...shares }, { topics, at });
  });
  const firsts = walks.map((walk) => walk.rows(counts[0]));
  const newest = Math.max(...firsts.flat().map(({ timestamp }) => timestamp));
  return walks.map((walk, at) => {
    walk.goTo(newest + 1 - START_MS);
    return [firsts[at] ?? [], [...walk.oneOfEachKey(), ...walk.rows(counts[1])]];
  });
}

class Walk {
  readonly #random: () => number;
  readonly #shares: Shares;
  readonly #place: { readonly topics: number; readonly at: number };
  #nowMs = 0;
  #index = 0;

  constructor(random: () => number, shares: Shares, place: { readonly topics: number; readonly at: number }) {
    this.#random = random;
    this.#shares = shares;
    this.#place = place;
  }

  goTo(timeMs: number): void {
    this.#nowMs = timeMs;
  }

  oneOfEachKey(): InputRow[] {
    return this.#shares.keys.map((key) => {
      this.#nowMs += this.#place.topics;
      return this.#row(key, this.#value(), this.#nowMs);
    });
  }

  rows(count: number): InputRow[] {
    return Array.from({ length: count }, () => {
      const random = this.#random;
      const { keys, nullKeys, nullValues, late } = this.#shares;
      this.#nowMs += random() < 0.03 ? JUMP_MS : Math.floor(random() * 4);
      const lateMs = random() < late ? Math.floor(random() * MAX_LATE_MS) : 0;
      const key = random() < nullKeys ? null : (keys[Math.floor(random() * keys.length)] ?? null);
      const value = random() < nullValues ? null : this.#value();
      return this.#row(key, value, Math.max(0, this.#nowMs - lateMs));
    });
  }

  #value(): string {
    return this.#shares.value(this.#index, this.#random());
  }

  #row(key: string | null, value: string | null, timeMs: number): InputRow {
    const { topics, at } = this.#place;
    const index = this.#index++;
    const headers = index % 5 === 0 ? [{ key: 'trace', value: Buffer.from(`${at}-${index}`) }] : NO_HEADERS;
    return { key, value, timestamp: START_MS + Math.floor(timeMs / topics) * topics + at, headers };
  }
}

/** Numbers from 0 to below 1, the same for the same seed (a linear congruential generator, its upper 16 bits). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 16) / 65_536;
  };
}
