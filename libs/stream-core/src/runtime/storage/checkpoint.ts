import { randomUUID } from 'node:crypto';
import type { OffsetAndMetadata } from '../../kafka/types.ts';
import { decodeOffsetMetadata } from '../task/offset-metadata.ts';
import type { CommittableOffset } from '../task/offset-metadata.ts';

/** What a task storage holds is the state as of this point: written with the state, in one transaction. */
export interface Checkpoint {
  /** Of every input, as committed to the group, with its metadata. Empty while the state only follows the changelogs: during a restore, and of a standby. */
  readonly inputs: readonly CommittableOffset[];
  /** By store: the changelog offset after the last record that the state contains; `UNKNOWN_OFFSET` when that cannot be told, and there is no tail to read. */
  readonly changelogs: Readonly<Record<string, number>>;
  /** Equal to the one in the group's offset metadata: nobody else has committed the task since. Empty: never equal. */
  readonly marker: string;
  /** By input topic: what the group had committed when this life of the task began, as `followedCommit` writes it. While it has that still, nobody has committed since either. */
  readonly follows: Readonly<Record<string, string>>;
  /** When it was written, milliseconds since the epoch: deletes in the changelog are kept for a limited time only. */
  readonly atMs: number;
  /** Of the application whose changelogs it goes with: a reset ends it (`TopologyRecord.incarnation`). */
  readonly incarnation?: string | undefined;
  /** By store: its retention in milliseconds, by which the rows of windows and sessions are laid out. Absent in what earlier versions wrote. */
  readonly retentions?: Readonly<Record<string, number>> | undefined;
}

/** Somebody else wrote to the changelog too, or nobody knows where a record of ours went. */
export const UNKNOWN_OFFSET = -1;

/** A marker that no other life of a task has. */
export const drawMarker = (): string => randomUUID().slice(0, 13);

/** A commit of the group in one text; empty: there is none. */
export function followedCommit(committed: OffsetAndMetadata | undefined): string {
  if (committed === undefined) return '';
  return `${committed.offset}/${decodeOffsetMetadata(committed.metadata ?? '').marker ?? ''}`;
}

/** As JSON; keys of `changelogs` are store names. */
export const encodeCheckpoint = (checkpoint: Checkpoint): string => JSON.stringify(checkpoint);

/** Undefined for anything that `encodeCheckpoint` did not write: such a state cannot be trusted. */
export function decodeCheckpoint(text: string): Checkpoint | undefined {
  try {
    const parsed = JSON.parse(text) as Partial<Checkpoint> | null;
    const { inputs, changelogs, marker, follows = {}, atMs, incarnation, retentions } = parsed ?? {};
    if (!Array.isArray(inputs) || typeof changelogs !== 'object' || typeof marker !== 'string') return undefined;
    return { inputs, changelogs, marker, follows, atMs: typeof atMs === 'number' ? atMs : 0, incarnation, retentions };
  } catch {
    return undefined;
  }
}
