import type { PlaybackVerdict } from '@playhead/event-schemas';

/** A stream that has to be revoked, as it waits and as it is sent. */
export interface Revocation {
  /** The same for every sending, and no other's: key of the verdict and event id of the record that stopped it. */
  readonly id: string;
  readonly tenant: string;
  readonly account: string;
  readonly session: string;
  readonly reason: string | null;
  readonly endedBy: string | null;
  readonly device: string | null;
  readonly content: string | null;
  /** Time of the decision in the log, milliseconds UTC. */
  readonly decidedAt: number;
  /** The last ticket of the session ends then, milliseconds UTC: what was revoked may be forgotten. */
  readonly expiresAt: number;
}

/** The revocation that a verdict asks for, by the key of the verdict (`sessionKey`); undefined for one that stops nothing. */
export function revocationOf(verdict: PlaybackVerdict, key: string, maxAgeMs: number): Revocation | undefined {
  if (verdict.verdict !== 'STOP') return undefined;
  const { eventId, tenant, account, session, reason, endedBy, device, content, decidedTime, ticketExpiresAt } = verdict;
  return {
    // A session of that name, and a record of that id, may be another tenant's too.
    id: `${key}:${eventId}`,
    tenant,
    account,
    session,
    reason,
    endedBy,
    device,
    content,
    decidedAt: decidedTime,
    expiresAt: ticketExpiresAt ?? decidedTime + maxAgeMs,
  };
}
