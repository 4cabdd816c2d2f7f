import { problem } from '@playhead/service-kit';
import { ticketOf } from '../auth/credentials.ts';
import type { TicketPlaces } from '../auth/credentials.ts';
import { problems, TICKET } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Call, Route } from '../http/route.ts';

/**
 * `GET /v1/authorization`: may media be served to the stream of this ticket, from the table of verdicts and without
 * asking anyone. For `auth_request` of nginx and its like: 204, 401 or 403.
 */
export function getAuthorization(parts: GatewayParts): Route {
  return {
    method: 'GET',
    path: '/v1/authorization',
    hot: true,
    operation: {
      operationId: 'getAuthorization',
      tags: ['services'],
      summary: 'May media be served to this stream',
      description:
        'For `auth_request` of nginx and its like. The ticket stands in the Playback-Ticket header, in `?ticket=`, or in the query of the address in X-Original-URI.',
      ...TICKET,
      responses: { '204': { description: 'It may.' }, ...problems(401, 403) },
    },
    handle(call) {
      const ticket = ticketOf(original(call), parts.tickets);
      if (parts.blocked.get(ticket)?.verdict !== 'stop') return { status: 204 };
      throw problem(403, 'stream-stopped', { detail: 'The stream was told to stop.' });
    },
  };
}

/** Where the ticket stands: in the headers, or in the query of the original address. */
function original(call: Call): TicketPlaces {
  const address = call.headers['x-original-uri'];
  if (typeof address !== 'string' || call.query.has('ticket')) return call;
  const mark = address.indexOf('?');
  return mark === -1 ? call : { headers: call.headers, query: new URLSearchParams(address.slice(mark + 1)) };
}
