import type { Verdict } from '@playhead/event-schemas';
import type { Ticket } from '@playhead/service-kit';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Renewal } from './renewal.ts';

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
export function verdictAnswer(
  parts: GatewayParts,
  ticket: Ticket,
  { nextBeatInMs, renewal }: { readonly nextBeatInMs: number; readonly renewal: Renewal },
): VerdictAnswer {
  const blocked = parts.blocked.get(ticket);
  const verdict = blocked?.verdict ?? 'continue';
  parts.metrics.verdicts.add(verdict);
  const serverTime = parts.now();
  const renewed = verdict === 'stop' ? undefined : renewal.ticket;
  if (blocked === undefined && renewed === undefined) return { verdict, nextBeatInMs, serverTime };
  return {
    verdict,
    ...(blocked?.reason === undefined ? {} : { reason: blocked.reason }),
    ...(blocked?.endedBy === undefined ? {} : { endedBy: blocked.endedBy }),
    nextBeatInMs,
    serverTime,
    ...(renewed === undefined ? {} : { ticket: renewed }),
  };
}
