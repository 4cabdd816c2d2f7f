import { join } from 'node:path';
import { readFileIfThere, writeFileAtomically } from './atomic-file.ts';
import type { EpochStart } from './leader-epochs.ts';
import type { ProducerSnapshot } from './producer-state.ts';

const FILE = 'checkpoint.json';
const FORMAT = 1;

/**
 * What a start need not read from the log: the state of a partition as of one position. Everything after the position is scanned.
 * A stale or missing checkpoint costs time at start and nothing else, except for `logStartOffset`, which is nowhere else.
 */
export interface Checkpoint {
  readonly logStartOffset: number;
  /** The open segment and how much of it the state covers. */
  readonly segment: {
    readonly baseOffset: number;
    readonly size: number;
    readonly nextOffset: number;
    readonly maxTimestampMs: number;
  };
  readonly epochs: { readonly current: number; readonly starts: readonly EpochStart[] };
  readonly producers: readonly ProducerSnapshot[];
  /** By first offset; absent in a checkpoint of a version without transactions. */
  readonly openTransactions?: readonly (readonly [producerId: number, firstOffset: number])[];
}

/** Replaces a partition's checkpoint. */
export function writeCheckpoint(directory: string, checkpoint: Checkpoint, durable: boolean): void {
  writeFileAtomically(join(directory, FILE), JSON.stringify({ format: FORMAT, ...checkpoint }), { durable });
}

/** A partition's checkpoint, or null where there is none that this version can read. */
export function readCheckpoint(directory: string): Checkpoint | null {
  const bytes = readFileIfThere(join(directory, FILE));
  if (bytes === null) return null;
  try {
    const parsed = JSON.parse(bytes.toString()) as Checkpoint & { readonly format: number };
    return parsed.format === FORMAT ? parsed : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
