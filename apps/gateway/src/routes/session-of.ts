import { checkId } from '@playhead/event-schemas';
import { problem } from '@playhead/service-kit';
import type { Call } from '../http/route.ts';

/** The session of the path. What cannot be a session's id is a session that never was: a 404 problem. */
export function sessionOf(call: Call): string {
  try {
    return checkId('session', call.params['session'] ?? '');
  } catch {
    throw sessionUnknown();
  }
}

/** The 404 problem of a session; the same whether it never was or is another account's. */
export function sessionUnknown(): Error {
  return problem(404, 'session-unknown', { detail: 'The account has no such session, or it is forgotten.' });
}
