import { ticketOf } from '../auth/credentials.ts';
import { readCmcdReport } from '../cmcd/cmcd-report.ts';
import { answers, problems, ref, TICKET } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { nextCohort } from '../http/next-cohort.ts';
import type { Call, Reply, Route } from '../http/route.ts';
import { renewalOf } from './renewal.ts';
import { storeCmcd } from './store-cmcd.ts';
import { verdictAnswer } from './verdict-answer.ts';

/** Longest interval that is believed, seconds. */
const MAX_INTERVAL_S = 3600;

/**
 * `POST /v1/cmcd`: event reports of stock players (CMCD v2). An authentic report is answered 204, or 200 with the
 * verdict, also when lines of it are refused: dash.js sends a refused report again for ever (players.md, finding 4).
 * For the same reason any media type is read and a body over the limit is cut, not refused.
 */
export function postCmcd(parts: GatewayParts): Route {
  return {
    method: 'POST',
    path: '/v1/cmcd',
    hot: true,
    cors: true,
    operation: {
      operationId: 'postCmcd',
      tags: ['players'],
      summary: 'Report CMCD v2 events',
      description:
        'One line an event. A line `e=t` is a beat; every other line is an event and renews the lease too; `sta` e, f or q ends the stream. Whose it is stands in the ticket. Authentic reports are never refused: what cannot be read is counted and kept as a dead letter.',
      security: TICKET.security,
      parameters: [
        ...(TICKET.parameters ?? []),
        {
          name: 'interval',
          in: 'query',
          description: "Seconds between the player's reports.",
          schema: { type: 'number' },
        },
        {
          name: 'answer',
          in: 'query',
          description: 'json: the answer is 200 and the verdict; so it is for `Accept: application/json`.',
          schema: { type: 'string', enum: ['json'] },
        },
      ],
      requestBody: {
        required: true,
        content: { 'application/cmcd': { schema: { type: 'string' } }, 'text/plain': { schema: { type: 'string' } } },
      },
      responses: {
        '200': answers('Asked for JSON: the verdict on the stream.', ref('VerdictAnswer')),
        '204': { description: 'Taken.' },
        ...problems(400, 401, 503),
      },
    },
    handle: (call) => take(parts, call),
  };
}

async function take(parts: GatewayParts, call: Call): Promise<Reply> {
  const ticket = ticketOf(call, parts.tickets);
  const { GATEWAY_MAX_BODY_BYTES, GATEWAY_MAX_CMCD_LINES, GATEWAY_MAX_CMCD_LINE_LENGTH } = parts.settings;
  const bytes = await call.body({ maxBytes: GATEWAY_MAX_BODY_BYTES, overflow: 'truncate' });
  await nextCohort();
  const report = readCmcdReport(bytes, {
    maxBytes: GATEWAY_MAX_BODY_BYTES,
    maxLines: GATEWAY_MAX_CMCD_LINES,
    maxLineLength: GATEWAY_MAX_CMCD_LINE_LENGTH,
  });
  const { receivedAt } = call;
  const intervalMs = intervalOf(call);
  const isAnswered = wantsJson(call);
  const renewal = isAnswered ? renewalOf(parts, ticket, receivedAt) : { ticketExpiresAt: ticket.expiresAt };
  await storeCmcd(parts, ticket, report, {
    receivedAt,
    intervalMs,
    ticketExpiresAt: renewal.ticketExpiresAt,
  });
  if (!isAnswered) return { status: 204 };
  const nextBeatInMs = intervalMs ?? ticket.intervalMs;
  return { status: 200, body: verdictAnswer(parts, ticket, { nextBeatInMs, renewal }) };
}

const wantsJson = (call: Call): boolean =>
  call.query.get('answer') === 'json' || (call.headers.accept ?? '').toLowerCase().includes('application/json');

/** `?interval=` in milliseconds; null when it is absent or no sensible number of seconds. */
function intervalOf(call: Call): number | null {
  const seconds = Number(call.query.get('interval') ?? Number.NaN);
  return seconds > 0 && seconds <= MAX_INTERVAL_S ? Math.round(seconds * 1000) : null;
}
