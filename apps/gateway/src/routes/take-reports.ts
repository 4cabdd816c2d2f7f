import { problem } from '@playhead/service-kit';
import type { Ticket } from '@playhead/service-kit';
import { ticketOf } from '../auth/credentials.ts';
import { parseJson } from '../contract/body-validator.ts';
import type { BodyValidator } from '../contract/body-validator.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import { nextCohort } from '../http/next-cohort.ts';
import type { Call, Reply } from '../http/route.ts';
import { jsonBody } from './json-body.ts';
import type { VerdictAnswer } from './verdict-answer.ts';

/** The reports of one native request, checked. */
export interface Reports<T> {
  readonly ticket: Ticket;
  readonly items: readonly T[];
  /** Whether the body was an array, so that the answer is one. */
  readonly many: boolean;
  readonly receivedAt: number;
  /** To be added to the items' `sentAt`. */
  readonly clockOffsetMs: number;
}

/** Checks ticket, body and rate of a request that carries native reports. Rejects with the problem; nothing is stored then. */
export async function takeReports<T extends { readonly sentAt: number }>(
  parts: GatewayParts,
  call: Call,
  validator: BodyValidator<T>,
): Promise<Reports<T>> {
  const ticket = ticketOf(call, parts.tickets);
  const bytes = await jsonBody(call, parts.settings.GATEWAY_MAX_BODY_BYTES);
  await nextCohort();
  const body = parseJson(bytes);
  const items = validator.oneOrMany(body);
  refuseBeyondRate(parts, ticket, items.length, call.receivedAt);
  const newest = items.reduce((latest, { sentAt }) => Math.max(latest, sentAt), 0);
  return {
    ticket,
    items,
    many: Array.isArray(body),
    receivedAt: call.receivedAt,
    clockOffsetMs: parts.clockOffsets.measure(ticket.session, newest, call.receivedAt),
  };
}

/** The same answer for each of the reports, which are of one session. */
export function replyToReports({ items, many }: Reports<unknown>, answer: VerdictAnswer): Reply {
  const json = JSON.stringify(answer);
  return { status: 200, json: many ? `[${Array(items.length).fill(json).join()}]` : json };
}

function refuseBeyondRate(parts: GatewayParts, ticket: Ticket, items: number, now: number): void {
  const ofSession = parts.sessionRate.take(ticket.session, items, now);
  if (ofSession > 0) throw tooMany(parts, 'session', ofSession);
  const ofAccount = parts.accountRate.take(`${ticket.tenant}/${ticket.account}`, items, now);
  if (ofAccount > 0) throw tooMany(parts, 'account', ofAccount);
}

/** The 429 problem of a rate limit. */
export function tooMany(parts: GatewayParts, scope: 'session' | 'account', waitMs: number): Error {
  parts.metrics.rateLimited.add(scope);
  return problem(429, 'rate-limit', {
    detail: `This ${scope} sends more than it may.`,
    headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) },
    members: { scope, retryAfterMs: waitMs },
  });
}
