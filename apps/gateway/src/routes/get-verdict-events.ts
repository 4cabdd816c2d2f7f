import type { ServerResponse } from 'node:http';
import { problem } from '@playhead/service-kit';
import { accountOf, hasTicket, ticketOf } from '../auth/credentials.ts';
import { ACCOUNT_PATH, problems, TICKET } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Call, Route } from '../http/route.ts';
import type { FeedPlace, FeedScope, VerdictChange } from '../tables/verdict-feed.ts';

/** A reader that lets so much lie is cut off; it comes back with Last-Event-ID. */
const MAX_UNREAD_BYTES = 256 * 1024;
/** Of what was missed no more is sent at once: nobody could read it before the bound above is reached. */
const MAX_MISSED_LENGTH = MAX_UNREAD_BYTES / 4;
const RETRY_MS = 3_000;
const HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };

/** `GET /v1/accounts/{account}/verdict-events`: changes of the verdicts of an account's streams, as they come. */
export function getVerdictEvents(parts: GatewayParts): Route {
  return {
    method: 'GET',
    path: '/v1/accounts/{account}/verdict-events',
    cors: true,
    operation: {
      operationId: 'getVerdictEvents',
      tags: ['lookups'],
      summary: "Listen for changes of the verdicts on an account's streams",
      description:
        'Server-sent events. `verdict`: {session, verdict, reason, endedBy, decidedAt}. `reset`: what lies between the Last-Event-ID and now is not known any more; look the streams up. A comment comes while nothing happens. It ends when the token or ticket has expired. A ticket hears of its own session, a viewer token of its account, an operator or service token of any account of the tenant. `Last-Event-ID` goes on where a connection ended.',
      security: [{ token: [] }, ...TICKET.security],
      parameters: [
        ACCOUNT_PATH,
        ...(TICKET.parameters ?? []),
        {
          name: 'Last-Event-ID',
          in: 'header',
          description: 'The id of the last event that was received.',
          schema: { type: 'string' },
        },
      ],
      responses: {
        '200': { description: 'The events.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
        ...problems(400, 401, 403, 404, 503),
      },
    },
    async handle(call) {
      const scope = await scopeOf(parts, call);
      const full = parts.feed.fullFor(scope);
      if (full !== undefined) throw streamsFull(full, parts);
      const after = placeOf(call.headers['last-event-id']);
      return { status: 200, headers: HEADERS, stream: (response) => send(parts, response, scope, after) };
    },
  };
}

/** What a caller may hear of, and until when, milliseconds UTC. */
type Hearing = FeedScope & { readonly expiresAt: number };

async function scopeOf(parts: GatewayParts, call: Call): Promise<Hearing> {
  if (!hasTicket(call)) return accountOf(call, parts.tokens, call.params['account']);
  const { tenant, account, session, expiresAt } = ticketOf(call, parts.tickets);
  if (call.params['account'] !== account) {
    throw problem(403, 'other-account', { detail: 'The ticket is of another account.' });
  }
  return { tenant, account, session, expiresAt };
}

function send(parts: GatewayParts, response: ServerResponse, scope: Hearing, after: FeedPlace | undefined): void {
  const write = (text: string): void => {
    // A slow reader is still sent what it has not read when the gateway has ended the answer.
    if (response.writableEnded) return;
    if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
    else response.write(text);
  };
  const goOn = (text: string): void => {
    if (parts.now() < scope.expiresAt) write(text);
    else response.end();
  };
  const listener = {
    change: (change: VerdictChange) => goOn(eventText(change)),
    end: () => void response.end(),
  };
  // Another may have taken the last place since the answer was begun: the client comes back.
  const subscription = parts.feed.subscribe(scope, listener, after);
  if (subscription === undefined) {
    response.end();
    return;
  }
  const timer = setInterval(() => goOn(':\n\n'), parts.settings.GATEWAY_EVENT_STREAM_COMMENT_MS).unref();
  response.once('close', () => {
    clearInterval(timer);
    subscription.close();
  });
  write(`retry: ${RETRY_MS}\n\n`);
  const missed = subscription.missed.map(eventText);
  const sent = newestWithin(missed, MAX_MISSED_LENGTH);
  if (!subscription.complete || sent.length < missed.length) write('event: reset\ndata: {}\n\n');
  if (sent.length > 0) write(sent.join(''));
}

/** The last texts that have no more characters together. */
function newestWithin(texts: readonly string[], maxLength: number): readonly string[] {
  let first = texts.length;
  for (let length = 0; first > 0; first--) {
    length += texts[first - 1]!.length;
    if (length > maxLength) break;
  }
  return texts.slice(first);
}

function eventText(change: VerdictChange): string {
  const { session, verdict, reason, endedBy, decidedAt, partition, offset } = change;
  return `id: ${partition}-${offset}\nevent: verdict\ndata: ${JSON.stringify({ session, verdict, reason, endedBy, decidedAt })}\n\n`;
}

/** The place of an id that we gave; of anything else none that the feed knows. */
function placeOf(id: string | string[] | undefined): FeedPlace | undefined {
  if (id === undefined) return undefined;
  const [, partition, offset] = /^(\d{1,6})-(\d{1,16})$/.exec(typeof id === 'string' ? id : '') ?? [];
  return { partition: Number(partition), offset: Number(offset) };
}

function streamsFull(of: 'all' | 'tenant' | 'account', { settings }: GatewayParts): Error {
  const most = {
    all: ['This gateway', settings.GATEWAY_MAX_EVENT_STREAMS],
    tenant: ['The tenant', settings.GATEWAY_MAX_EVENT_STREAMS_PER_TENANT],
    account: ['The account', settings.GATEWAY_MAX_EVENT_STREAMS_PER_ACCOUNT],
  } as const;
  const [who, count] = most[of];
  const detail = `${who} has ${count} event streams open, as many as it may.`;
  return problem(503, 'event-streams-full', { detail, headers: { 'retry-after': '10' } });
}
