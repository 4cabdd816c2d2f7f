/** Why a record was left out. Every one is counted under its reason. */
export const DROP_REASONS = [
  'null-key',
  'null-value',
  'late-record',
  'expired-window-record',
  'out-of-order-change',
  'null-foreign-key',
  'stale-join-response',
  'expired-version',
  'negative-timestamp',
  'deserialization-error',
  'processing-error',
  'production-error',
] as const;

/** One of `DROP_REASONS`. */
export type DropReason = (typeof DROP_REASONS)[number];
