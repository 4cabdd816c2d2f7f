import type { SecretKey } from './secret-keys.ts';
import { TERMINATION_TYPE, SignedText } from './signed-text.ts';
import { TokenError } from './token-error.ts';

/** How long a viewer has to choose which stream to end. */
export const TERMINATION_TOKEN_LIFE_MS = 5 * 60_000;

/** Longer texts are no termination tokens: three ids of 128 characters, three bytes each, in base64. */
const MAX_LENGTH = 4096;

/**
 * What a termination token says: whoever was refused (`refusedEventId`) may end that session of that account. It is used
 * up when the session has ended, because a session ends once.
 */
export interface TerminationClaims {
  readonly tenant: string;
  readonly account: string;
  /** The session that may be ended. */
  readonly session: string;
  /** Event id of the start that was refused. */
  readonly refusedEventId: string;
}

/** Gives out and checks termination tokens. */
export interface TerminationTokens {
  sign(claims: TerminationClaims): string;
  /** Throws `TokenError` (`ticket-malformed`, `ticket-expired`, `ticket-refused`), the last for one of another account too. */
  verify(text: string, account: { readonly tenant: string; readonly account: string }): TerminationClaims;
}

/** Signs with the first of the ticket keys and opens with all. `now` is in milliseconds since the epoch. */
export function createTerminationTokens(keys: readonly SecretKey[], now: () => number = Date.now): TerminationTokens {
  const signed = new SignedText(TERMINATION_TYPE, keys);
  return {
    sign: ({ tenant, account, session, refusedEventId }) =>
      signed.sign({ t: tenant, a: account, s: session, r: refusedEventId, exp: now() + TERMINATION_TOKEN_LIFE_MS }),
    verify(text, { tenant, account }) {
      if (text.length > MAX_LENGTH) {
        throw new TokenError('ticket-malformed', `a termination token has at most ${MAX_LENGTH} characters`);
      }
      const payload = signed.open(text);
      if (payload === undefined) {
        throw new TokenError('ticket-refused', 'the termination token is not one of this installation, or was changed');
      }
      // Signed by us under our own `typ`: its shape needs no second check.
      const { t, a, s, r, exp } = payload as unknown as Record<'t' | 'a' | 's' | 'r', string> & {
        readonly exp: number;
      };
      if (t !== tenant || a !== account) {
        throw new TokenError('ticket-refused', 'the termination token is of another account');
      }
      if (exp <= now()) throw new TokenError('ticket-expired', 'the termination token has expired');
      return { tenant: t, account: a, session: s, refusedEventId: r };
    },
  };
}
