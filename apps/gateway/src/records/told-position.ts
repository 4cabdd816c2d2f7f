import type { LogPosition } from '@playhead/event-schemas';
import { LogUnavailableError } from './event-log.ts';

/** Of one record, until its offset is told. */
const MAX_WRITES = 3;

/**
 * Where a record lies that `write` writes. Where Kafka does not tell the offset, as of a batch that it was sent twice, it is
 * written once more: without it nobody would know what to wait for. For records of which only the last of a key counts.
 * Rejects with `LogUnavailableError` when no offset was told.
 */
export async function toldPosition(write: () => Promise<LogPosition>): Promise<LogPosition> {
  let topic = '';
  for (let tries = 0; tries < MAX_WRITES; tries++) {
    const position = await write();
    if (position.offset >= 0) return position;
    topic = position.topic;
  }
  throw new LogUnavailableError(`Kafka told no offset of a record of ${topic} in ${MAX_WRITES} writes`);
}
