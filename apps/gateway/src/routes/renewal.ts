import type { Ticket } from '@playhead/service-kit';
import type { GatewayParts } from '../gateway-parts.ts';

/** Until when reports on a session are taken, and the ticket that makes it so. */
export interface Renewal {
  /** From half of the present ticket's life on; handed out with the answer, unless the stream is to stop. */
  readonly ticket?: string;
  /** Of the newer ticket: the guard remembers for so long that a stream was stopped. */
  readonly ticketExpiresAt: number;
}

/** The renewal of a ticket at a report's receipt: before the report's record is written, so that the log has the time. */
export function renewalOf({ tickets }: Pick<GatewayParts, 'tickets'>, ticket: Ticket, receivedAt: number): Renewal {
  const { issuedAt, expiresAt, ...claims } = ticket;
  if (receivedAt < (issuedAt + expiresAt) / 2) return { ticketExpiresAt: expiresAt };
  const renewed = tickets.sign(claims);
  return { ticket: renewed, ticketExpiresAt: tickets.verify(renewed).expiresAt };
}
