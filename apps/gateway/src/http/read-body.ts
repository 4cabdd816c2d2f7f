import type { IncomingMessage } from 'node:http';
import { problem } from '@playhead/service-kit';

/** With `truncate`, this many times `maxBytes` are read and thrown away before the connection is cut. */
const MAX_DISCARDED_FACTOR = 4;

/**
 * Reads a request's body. Beyond `maxBytes` it rejects with a 413 problem and asks for the connection to be closed, or
 * with `truncate` resolves with the first `maxBytes` and one more. Rejects with a 400 problem when the sender goes away.
 */
export function readBody(
  request: IncomingMessage,
  { maxBytes, overflow }: { readonly maxBytes: number; readonly overflow?: 'truncate' },
): Promise<Buffer> {
  if (overflow === undefined && Number(request.headers['content-length'] ?? 0) > maxBytes) {
    return Promise.reject(tooLarge(maxBytes));
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      if (size <= maxBytes) chunks.push(chunk);
      size += chunk.length;
      if (size <= maxBytes) return;
      if (overflow === undefined) {
        request.pause();
        reject(tooLarge(maxBytes));
      } else if (size > maxBytes * MAX_DISCARDED_FACTOR) request.destroy();
    });
    request.on('end', () => {
      const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      resolve(whole.length > maxBytes ? whole.subarray(0, maxBytes + 1) : whole);
    });
    request.on('error', (cause) => reject(aborted(cause)));
    request.on('close', () => {
      if (!request.complete) reject(aborted(undefined));
    });
  });
}

const tooLarge = (maxBytes: number) =>
  problem(413, 'body-too-large', {
    detail: `The body is larger than ${maxBytes} bytes.`,
    headers: { connection: 'close' },
  });

const aborted = (cause: unknown) =>
  problem(400, 'body-aborted', { detail: 'The body ended before it was complete.', cause });
