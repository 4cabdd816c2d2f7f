import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readFileIfThere, writeFileAtomically } from '../atomic-file.ts';

const FILE = 'cleaned.json';
const FORMAT = 1;

/** How far a log has been compacted. A missing checkpoint costs one more pass over what is clean. */
export interface CleanerCheckpoint {
  /** Below it each key has one record, those that a later record has overtaken since left aside. */
  readonly firstDirtyOffset: number;
  /** When the last of the tombstones and markers that are kept for a time may go, milliseconds since the epoch; −1 when there is none. */
  readonly latestHorizonMs: number;
}

const NOTHING: CleanerCheckpoint = { firstDirtyOffset: 0, latestHorizonMs: -1 };

export function writeCleanerCheckpoint(directory: string, checkpoint: CleanerCheckpoint): void {
  writeFileAtomically(join(directory, FILE), JSON.stringify({ format: FORMAT, ...checkpoint }));
}

/** A partition's checkpoint; that of a log which was never compacted where there is none that this version can read. */
export function readCleanerCheckpoint(directory: string): CleanerCheckpoint {
  const bytes = readFileIfThere(join(directory, FILE));
  if (bytes === null) return NOTHING;
  try {
    const parsed = JSON.parse(bytes.toString()) as CleanerCheckpoint & { readonly format: number };
    return parsed.format === FORMAT ? parsed : NOTHING;
  } catch (error) {
    if (error instanceof SyntaxError) return NOTHING;
    throw error;
  }
}

/** Removes the checkpoint of a log that was cut back behind it: what is appended there now has not been compacted. Called before anything is. */
export function recoverCleanerCheckpoint(directory: string, nextOffset: number): void {
  if (readCleanerCheckpoint(directory).firstDirtyOffset > nextOffset) rmSync(join(directory, FILE));
}
