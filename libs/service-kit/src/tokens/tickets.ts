import { BoundedCache } from './bounded-cache.ts';
import type { SecretKey } from './secret-keys.ts';
import { TICKET_TYPE, SignedText } from './signed-text.ts';
import { TICKET_LIFE_MS } from './ticket.ts';
import type { ContentKind, Ticket, TicketClaims, TicketSigner, TicketVerifier } from './ticket.ts';
import { TokenError } from './token-error.ts';

/** What `createTickets` needs. */
export interface TicketOptions {
  /** The first signs, all verify. */
  readonly keys: readonly SecretKey[];
  readonly maxCached: number;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** Longer texts are no tickets. The longest that is signed (title and ids at their limits, three bytes a character) has about 4,400 characters; Node takes 16 KiB of address and headers. */
const MAX_TICKET_LENGTH = 8192;

/** The payload; its names are short because a ticket stands in every beat's address. Times are seconds. */
interface Payload {
  readonly t: string;
  readonly a: string;
  readonly p: string;
  readonly d: string;
  readonly s: string;
  readonly c: string;
  readonly k: ContentKind;
  readonly n?: string;
  readonly b: number;
  readonly iat: number;
  readonly exp: number;
}

/** Signs and verifies tickets with the given keys. */
export function createTickets({ keys, maxCached, now = Date.now }: TicketOptions): TicketSigner & TicketVerifier {
  const signed = new SignedText(TICKET_TYPE, keys);
  const verified = new BoundedCache<Ticket>(maxCached);
  return {
    sign: (claims, { lifeMs = TICKET_LIFE_MS } = {}) => signed.sign(toPayload(claims, now(), lifeMs)),
    verify(text) {
      const known = verified.get(text);
      const ticket = known ?? read(signed, text);
      if (ticket.expiresAt <= now()) {
        if (known !== undefined) verified.delete(text);
        throw new TokenError('ticket-expired', `the ticket expired at ${new Date(ticket.expiresAt).toISOString()}`);
      }
      if (known === undefined) verified.set(copyOf(text), ticket);
      return ticket;
    },
  };
}

function toPayload(claims: TicketClaims, nowMs: number, lifeMs: number): Payload {
  const iat = Math.floor(nowMs / 1000);
  return {
    t: claims.tenant,
    a: claims.account,
    p: claims.profile,
    d: claims.device,
    s: claims.session,
    c: claims.content,
    k: claims.kind,
    ...(claims.title === undefined ? {} : { n: claims.title }),
    b: claims.intervalMs,
    iat,
    exp: iat + Math.floor(lifeMs / 1000),
  };
}

/** A text by itself: one that is cut out of a longer one, as a header's value may be, keeps all of that in memory. */
function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function read(signed: SignedText, text: string): Ticket {
  if (text.length > MAX_TICKET_LENGTH) {
    throw new TokenError('ticket-malformed', `a ticket has at most ${MAX_TICKET_LENGTH} characters`);
  }
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) throw new TokenError('ticket-malformed', 'this is no ticket');
  const payload = signed.open(text);
  if (payload === undefined) {
    throw new TokenError('ticket-refused', 'the ticket is not one of this installation, or was changed');
  }
  // Signed by us under our own `typ`: its shape needs no second check.
  const { t, a, p, d, s, c, k, n, b, iat, exp } = payload as unknown as Payload;
  return Object.freeze({
    tenant: t,
    account: a,
    profile: p,
    device: d,
    session: s,
    content: c,
    kind: k,
    ...(n === undefined ? {} : { title: n }),
    intervalMs: b,
    issuedAt: iat * 1000,
    expiresAt: exp * 1000,
  });
}
