/** A tenant, an id or a key that may not stand in a topic. */
export class InvalidKeyError extends Error {
  readonly code = 'EVENTS_INVALID_KEY';
  /** Which part was refused: tenant, account, session, …, or key for the whole. */
  readonly part: string;

  constructor(message: string, part: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'InvalidKeyError';
    this.part = part;
  }
}
