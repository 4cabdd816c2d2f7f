import { setImmediate } from 'node:timers/promises';
import { SerdeError } from '../../errors.ts';
import { backoffMs, pause } from '../../kafka/retry.ts';
import { PendingCodecError } from '../../serde/serde.ts';

/** Calls `read`, and again whenever what it waits for has come. Bytes that cannot be read for good are left to who reads them. Rejects with anything else that `read` throws. */
export async function untilReady(read: () => void): Promise<void> {
  for (let failures = 0; ;) {
    try {
      read();
      return;
    } catch (error) {
      if (error instanceof SerdeError) return;
      if (!(error instanceof PendingCodecError)) throw error;
      try {
        await error.ready;
      } catch (reason) {
        if (reason instanceof SerdeError) return;
        // A registry that is away says nothing about the bytes.
        await pause(backoffMs(++failures), new AbortController().signal);
      }
    }
  }
}

/** The event loop has its turn after so many rows. */
const ROWS_PER_TURN = 512;

/** Gives each row to `take`, which may have to wait for a codec. Bytes that cannot be read for good are left out. */
export async function takeEach<Row>(rows: Iterable<Row>, take: (row: Row) => void): Promise<void> {
  let taken = 0;
  for (const row of rows) {
    try {
      take(row);
    } catch {
      await untilReady(() => take(row));
    }
    if (++taken % ROWS_PER_TURN === 0) await setImmediate();
  }
}
