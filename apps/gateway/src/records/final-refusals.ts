import { InvalidKeyError } from '@playhead/event-schemas';
import { SerdeError } from '@playhead/stream-core';
import { BrokerError } from '@playhead/stream-core/client';

/** Of the broker; it says so of all records that it was sent together. */
const FINAL_REASONS: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
]);

/** Whether no later try changes the refusal of a record, or of one that was sent with it. */
export const isFinal = (error: unknown): boolean =>
  error instanceof SerdeError ||
  error instanceof InvalidKeyError ||
  (error instanceof BrokerError && FINAL_REASONS.has(error.reason));
