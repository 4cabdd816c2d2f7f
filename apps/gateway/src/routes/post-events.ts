import type { EventBody } from '../contract/bodies.ts';
import { eventSchema } from '../contract/body-schemas.ts';
import { BodyValidator } from '../contract/body-validator.ts';
import { answers, oneOrMany, problems, reportBody, TICKET } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Route } from '../http/route.ts';
import { eventEvidence, eventRecord } from '../records/event-records.ts';
import { renewalOf } from './renewal.ts';
import { replyToReports, takeReports } from './take-reports.ts';
import { verdictAnswer } from './verdict-answer.ts';

/** `POST /v1/events`: what happened in a playback besides its beats. */
export function postEvents(parts: GatewayParts): Route {
  const validator = new BodyValidator<EventBody>(eventSchema, {
    onUnknownField: () => parts.metrics.unknownFields.add('event'),
  });
  return {
    method: 'POST',
    path: '/v1/events',
    hot: true,
    cors: true,
    operation: {
      operationId: 'postEvents',
      tags: ['players'],
      summary: 'Report one event, or up to 100',
      description:
        'As for beats: stored when answered, all or none. An event renews the lease of its stream as a beat does, and is counted once however often it is sent.',
      ...TICKET,
      requestBody: reportBody('Event'),
      responses: {
        '200': answers('The verdict on the stream; for an array, one for each event.', oneOrMany('VerdictAnswer')),
        ...problems(400, 401, 413, 415, 429, 503),
      },
    },
    async handle(call) {
      const reports = await takeReports(parts, call, validator);
      const { ticket, items } = reports;
      const renewal = renewalOf(parts, ticket, reports.receivedAt);
      const received = { ...reports, ticketExpiresAt: renewal.ticketExpiresAt };
      await Promise.all([
        ...items.map((item) => parts.log.event(eventRecord(ticket, item, received))),
        parts.log.beats(items.map((item) => eventEvidence(ticket, item, received))),
      ]);
      parts.metrics.reports.add('event', items.length);
      const answer = verdictAnswer(parts, ticket, { nextBeatInMs: ticket.intervalMs, renewal });
      const stopped = answer.verdict === 'stop';
      parts.live.reported(ticket.tenant, ticket.session, { beats: 0, stopped, now: reports.receivedAt });
      return replyToReports(reports, answer);
    },
  };
}
