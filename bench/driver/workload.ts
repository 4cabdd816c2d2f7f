/** The seeded input of the three topologies. The peer in Java makes the same from the same seed, and the sums of all outputs have to agree. */

export const CASES = ['stateless', 'windowed-count', 'stream-join'] as const;
export type CaseName = (typeof CASES)[number];

export const SEED = 42;
export const ACCOUNTS = 10_000;
export const WINDOW_MS = 60_000;
export const WINDOWS = 20;
export const JOIN_WITHIN_MS = 5_000;
/** What `selectKey` chooses from: the strings exist already, so that what the user's function allocates is not counted as ours. */
export const GENRES: readonly string[] = Array.from({ length: 64 }, (_, i) => `genre-${i}`);
const BASE_MS = 1_763_683_200_000;
const MAX_POSITION_MS = 7_200_000;

/** Records in columns, so that holding them costs no object each. */
export interface Input {
  readonly count: number;
  readonly keys: readonly string[];
  /** Playhead positions, milliseconds. */
  readonly values: readonly number[];
  readonly timestamps: Float64Array;
  /** Of the join: 1 where the record is of the right stream. */
  readonly isRight: Uint8Array;
}

/** mulberry32: a small seeded generator, so that every run and every contestant has the same records. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** `count` records in time order: over 20 windows or, for the join, so that a record finds one partner on average. */
export function makeInput(name: CaseName, count: number): Input {
  const random = seededRandom(SEED);
  const below = (limit: number): number => Math.floor(random() * limit);
  const accounts = Array.from({ length: ACCOUNTS }, (_, i) => `account-${i}`);
  const spanMs = name === 'stream-join' ? ((count / 2) * 2 * JOIN_WITHIN_MS) / ACCOUNTS : WINDOW_MS * WINDOWS;
  const keys: string[] = [];
  const values: number[] = [];
  const timestamps = new Float64Array(count);
  const isRight = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    keys.push(accounts[below(ACCOUNTS)] as string);
    values.push(below(MAX_POSITION_MS));
    isRight[i] = below(2);
    timestamps[i] = BASE_MS + Math.floor((spanMs * i) / count);
  }
  return { count, keys, values, timestamps, isRight };
}

/** Keeps nine of ten. */
export const isKept = (positionMs: number): boolean => positionMs % 10 !== 0;
export const toSeconds = (positionMs: number): number => Math.floor(positionMs / 1000);
export const genreOf = (seconds: number): string => GENRES[seconds & 63] as string;
export const addPositions = (left: number, right: number): number => left + right;
