import type { IncomingMessage } from 'node:http';
import { problem } from '@playhead/service-kit';

/** With `truncate`, this much is read and thrown away before the body is given up on. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;

/** How much of a body is taken. */
export interface BodyLimit {
  readonly maxBytes: number;
  /** Without it a longer body is refused; `truncate`: it is cut to one byte more than that. */
  readonly overflow?: 'truncate';
}

/** A body that is there already. Throws a 413 problem beyond `maxBytes`, or with `truncate` cuts it as `readBody` does. */
export function bodyWithin(body: Buffer, { maxBytes, overflow }: BodyLimit): Buffer {
  if (body.length <= maxBytes) return body;
  if (overflow === undefined) throw tooLarge(maxBytes);
  return body.subarray(0, maxBytes + 1);
}

/**
 * Reads a request's body. Beyond `maxBytes` it rejects with a 413 problem, or with `truncate` reads on and resolves with
 * the first `maxBytes` and one more. A body that it gives up on is left paused, so that `sendReply` closes the
 * connection behind the answer. Rejects with a 400 problem when the sender goes away.
 */
export function readBody(request: IncomingMessage, { maxBytes, overflow }: BodyLimit): Promise<Buffer> {
  if (overflow === undefined && Number(request.headers['content-length'] ?? 0) > maxBytes) {
    request.pause();
    return Promise.reject(tooLarge(maxBytes));
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (): void => {
      const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      resolve(whole.length > maxBytes ? whole.subarray(0, maxBytes + 1) : whole);
    };
    const take = (chunk: Buffer): void => {
      if (size <= maxBytes) chunks.push(chunk);
      size += chunk.length;
      if (size <= maxBytes || (overflow === 'truncate' && size <= maxBytes + MAX_DISCARDED_BYTES)) return;
      request.off('data', take);
      request.pause();
      if (overflow === 'truncate') finish();
      else reject(tooLarge(maxBytes));
    };
    request.on('data', take);
    request.on('end', finish);
    request.on('error', (cause) => reject(aborted(cause)));
    request.on('close', () => {
      if (!request.complete) reject(aborted(undefined));
    });
  });
}

const tooLarge = (maxBytes: number) =>
  problem(413, 'body-too-large', { detail: `The body is larger than ${maxBytes} bytes.` });

const aborted = (cause: unknown) =>
  problem(400, 'body-aborted', { detail: 'The body ended before it was complete.', cause });
