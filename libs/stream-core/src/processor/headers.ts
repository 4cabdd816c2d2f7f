/** One header of a record. Keys may repeat; order is kept. */
export interface Header {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A record's headers in order. Never changed in place: a processor that adds one makes a new list. */
export type Headers = readonly Header[];

/** Shared by all records without headers. */
export const NO_HEADERS: Headers = [];
