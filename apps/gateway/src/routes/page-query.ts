import { MAX_ENTRIES_PER_PAGE } from '@playhead/event-schemas';
import { problem } from '@playhead/service-kit';
import type { Call } from '../http/route.ts';

/** `?limit=`, where it is given; a 400 problem when it is no whole number from 1 to 200. */
export function limitOf(call: Call): { readonly limit?: number } {
  const text = call.query.get('limit');
  if (text === null) return {};
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_ENTRIES_PER_PAGE) return { limit };
  throw wrongParameter('?limit', `is not a whole number from 1 to ${MAX_ENTRIES_PER_PAGE}`);
}

/** The 400 problem of a parameter. */
export function wrongParameter(pointer: string, detail: string): Error {
  return problem(400, 'parameter-invalid', {
    detail: `${pointer} ${detail}.`,
    errors: [{ pointer, code: 'parameter', detail }],
  });
}
