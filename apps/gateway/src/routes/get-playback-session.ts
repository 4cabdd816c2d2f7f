import { problem } from '@playhead/service-kit';
import { accountOf, hasTicket, ticketOf } from '../auth/credentials.ts';
import { answers, problems, ref, SESSION_PARAMETERS } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { askGuard } from '../guard/ask-guard.ts';
import { sessionAtLogEnd } from '../guard/session-at-log-end.ts';
import type { Call, Route } from '../http/route.ts';
import { sessionOf, sessionUnknown } from './session-of.ts';

/** `GET /v1/playback-sessions/{session}`: what the guard knows of a session. */
export function getPlaybackSession(parts: GatewayParts): Route {
  return {
    method: 'GET',
    path: '/v1/playback-sessions/{session}',
    cors: true,
    operation: {
      operationId: 'getPlaybackSession',
      tags: ['lookups'],
      summary: 'Look up a session',
      description:
        'A ticket sees its own session, a viewer token those of its account, an operator or service token those of the account it names. Everything else is 404 and looks like a session that never was; where the guard cannot read the log to its end in time, and a session not yet known may be there, the answer is 503.',
      security: [{ token: [] }, { ticket: [] }, { ticketQuery: [] }],
      parameters: SESSION_PARAMETERS,
      responses: { '200': answers('The session.', ref('SessionView')), ...problems(400, 401, 403, 404, 503) },
    },
    async handle(call) {
      const session = sessionOf(call);
      const { tenant, account } = await accountOfSession(parts, call, session);
      const timeoutMs = parts.settings.GATEWAY_LOOKUP_TIMEOUT_MS;
      const whose = { tenant, account, session };
      const view =
        (await askGuard('session', () => parts.guard.session({ ...whose, timeoutMs }))) ??
        (await sessionAtLogEnd(parts, whose, timeoutMs));
      if (view === undefined) throw sessionUnknown();
      return { status: 200, body: view };
    },
  };
}

async function accountOfSession(parts: GatewayParts, call: Call, session: string) {
  if (!hasTicket(call)) return accountOf(call, parts.tokens, call.query.get('account') ?? undefined);
  const ticket = ticketOf(call, parts.tickets);
  if (session !== ticket.session) {
    throw problem(403, 'other-session', { detail: 'The ticket is of another session.' });
  }
  return ticket;
}
