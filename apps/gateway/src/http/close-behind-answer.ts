import type { ServerResponse } from 'node:http';

/** A sender that does not stop by then is cut off. */
const MAX_DRAINED_BYTES = 64 * 1024 * 1024;
const MAX_DRAIN_MS = 5_000;

/**
 * Ends an answer whose bytes are all written, and with it the connection, once the sender has stopped sending. Closed
 * at once, a socket with unread bytes is reset, and the reset overtakes the answer (RFC 9112, section 9.6).
 */
export function closeBehindAnswer(response: ServerResponse): void {
  const request = response.req;
  let drained = 0;
  const end = (): void => {
    clearTimeout(timer);
    request.off('data', drop);
    if (!response.writableEnded) response.end();
  };
  const drop = (chunk: Buffer): void => {
    drained += chunk.length;
    if (drained > MAX_DRAINED_BYTES) end();
  };
  const timer = setTimeout(end, MAX_DRAIN_MS).unref();
  request.on('data', drop);
  for (const event of ['end', 'close', 'error']) request.once(event, end);
  request.resume();
}
