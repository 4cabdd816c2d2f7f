import type { SessionSeen, Violation } from '../history.ts';

/** A violation that concerns a session. */
export function violation(rule: Violation['rule'], account: string, detail: string, seen: SessionSeen): Violation {
  return { rule, account, detail: `session ${seen.session} of ${seen.device}: ${detail}` };
}
