import type { ContentKind } from '@playhead/event-schemas';
import type { Ticket } from '@playhead/service-kit';

/** What a record says about whom it is of; all of it from the ticket, nothing from a body. */
export interface TicketFields {
  readonly tenant: string;
  readonly account: string;
  readonly session: string;
  readonly profile: string;
  readonly device: string;
  readonly content: string;
  readonly kind: ContentKind;
  readonly title: string | null;
}

/** The identity that a ticket gives to every record of its session. */
export function ticketFields(ticket: Ticket): TicketFields {
  const { tenant, account, session, profile, device, content, kind, title = null } = ticket;
  return { tenant, account, session, profile, device, content, kind, title };
}
