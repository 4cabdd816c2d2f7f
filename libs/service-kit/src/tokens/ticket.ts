import type { Identity } from './identity.ts';

/** What the concurrency guard and reports call the content of a stream. */
export type ContentKind = 'LIVE' | 'VOD' | 'CATCHUP' | 'UNKNOWN';

/** What a ticket says; identity and content of a session's beats come from here and from nothing in their body. */
export interface Ticket {
  readonly tenant: string;
  readonly account: string;
  readonly profile: string;
  readonly device: string;
  readonly session: string;
  readonly content: string;
  readonly kind: ContentKind;
  readonly title?: string;
  /** Interval of the session's beats in milliseconds. */
  readonly intervalMs: number;
  /** Milliseconds since the epoch, whole seconds. */
  readonly issuedAt: number;
  /** Milliseconds since the epoch, whole seconds. */
  readonly expiresAt: number;
}

/** What is said when a ticket is asked for; its times are the signer's. */
export type TicketClaims = Omit<Ticket, 'issuedAt' | 'expiresAt'>;

/** How long a ticket lives: 24 h. A beat's answer carries a new one from half of it on. */
export const TICKET_LIFE_MS = 24 * 3_600_000;

/** Gives out tickets: URL-safe text of about 300 characters. */
export interface TicketSigner {
  /** `lifeMs`: a shorter life than 24 h, in whole seconds. */
  sign(claims: TicketClaims, options?: { readonly lifeMs?: number }): string;
}

/** Checks tickets synchronously, for the hot routes; verified ones are remembered up to a bound. */
export interface TicketVerifier {
  /** Throws `TokenError` (`ticket-malformed`, `ticket-expired`, `ticket-refused`). */
  verify(text: string): Ticket;
}

/** Checks JWTs. */
export interface TokenVerifier {
  /** Rejects with `TokenError` (`token-malformed`, `token-expired`, `token-refused`). */
  verify(text: string): Promise<Identity>;
}
