import type { Verdict } from '@playhead/event-schemas';
import type { Ticket } from '@playhead/service-kit';
import type { GatewayParts } from '../gateway-parts.ts';

/** What a report is answered. */
export interface VerdictAnswer {
  readonly verdict: Verdict;
  readonly reason?: string;
  /** Role of the one, or session, that ended the stream. */
  readonly endedBy?: string;
  readonly nextBeatInMs: number;
  readonly serverTime: number;
  /** A new ticket, from half of the present one's life on; never for a stopped session. */
  readonly ticket?: string;
}

/** The verdict on a ticket's session, from the table and without asking anyone. */
export function verdictAnswer(parts: GatewayParts, ticket: Ticket, nextBeatInMs: number): VerdictAnswer {
  const blocked = parts.blocked.get(ticket);
  const verdict = blocked?.verdict ?? 'continue';
  parts.metrics.verdicts.add(verdict);
  const serverTime = parts.now();
  const renew = verdict !== 'stop' && serverTime >= (ticket.issuedAt + ticket.expiresAt) / 2;
  if (blocked === undefined && !renew) return { verdict, nextBeatInMs, serverTime };
  return {
    verdict,
    ...(blocked?.reason === undefined ? {} : { reason: blocked.reason }),
    ...(blocked?.endedBy === undefined ? {} : { endedBy: blocked.endedBy }),
    nextBeatInMs,
    serverTime,
    ...(renew ? { ticket: renewed(parts, ticket) } : {}),
  };
}

function renewed(parts: GatewayParts, { issuedAt: _issued, expiresAt: _expires, ...claims }: Ticket): string {
  return parts.tickets.sign(claims);
}
