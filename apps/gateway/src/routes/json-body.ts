import { problem } from '@playhead/service-kit';
import type { Call } from '../http/route.ts';

/** text/plain is what a beacon can send without a preflight; without a type it is a beacon of bytes. */
const ACCEPTED = new Set(['application/json', 'text/plain', '']);

/** The bytes of a body that should be JSON. Rejects with a 415 problem for another media type or encoding, a 413 one beyond `maxBytes`. */
export function jsonBody(call: Call, maxBytes: number): Promise<Buffer> {
  const type = mediaTypeOf(call.headers['content-type'] ?? '');
  const encoding = call.headers['content-encoding'] ?? 'identity';
  if (!ACCEPTED.has(type)) {
    throw problem(415, 'media-type-unsupported', {
      detail: `The body's type is ${type}; application/json and text/plain are read.`,
      headers: { 'accept-post': 'application/json, text/plain' },
    });
  }
  if (encoding !== 'identity') {
    throw problem(415, 'encoding-unsupported', { detail: `The body's encoding is ${encoding}; none is read.` });
  }
  return call.body({ maxBytes });
}

/** What stands before the parameters; what nearly everyone sends is what it is. */
function mediaTypeOf(header: string): string {
  return ACCEPTED.has(header) ? header : (header.split(';', 1)[0] ?? '').trim().toLowerCase();
}
