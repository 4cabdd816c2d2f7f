import { nextBeatInMs } from '@playhead/event-schemas';
import type { HeartbeatBody } from '../contract/bodies.ts';
import { heartbeatSchema } from '../contract/body-schemas.ts';
import { BodyValidator } from '../contract/body-validator.ts';
import { answers, oneOrMany, problems, reportBody, TICKET } from '../contract/openapi-parts.ts';
import type { GatewayParts } from '../gateway-parts.ts';
import type { Route } from '../http/route.ts';
import { heartbeatRecord } from '../records/heartbeat-record.ts';
import { renewalOf } from './renewal.ts';
import { replyToReports, takeReports } from './take-reports.ts';
import { verdictAnswer } from './verdict-answer.ts';

/** `POST /v1/heartbeats`: beats of players of ours, answered with the verdict on the stream. */
export function postHeartbeats(parts: GatewayParts): Route {
  const validator = new BodyValidator<HeartbeatBody>(heartbeatSchema, {
    onUnknownField: () => parts.metrics.unknownFields.add('heartbeat'),
  });
  return {
    method: 'POST',
    path: '/v1/heartbeats',
    hot: true,
    cors: true,
    operation: {
      operationId: 'postHeartbeats',
      tags: ['players'],
      summary: 'Report one beat, or up to 100',
      description:
        'Accepted means stored: the answer leaves after Kafka has every beat. Whose they are stands in the ticket. One bad beat refuses the whole array, and nothing of it is stored.',
      ...TICKET,
      requestBody: reportBody('Heartbeat'),
      responses: {
        '200': answers('The verdict on the stream; for an array, one for each beat.', oneOrMany('VerdictAnswer')),
        ...problems(400, 401, 413, 415, 429, 503),
      },
    },
    async handle(call) {
      const reports = await takeReports(parts, call, validator);
      const { ticket, items } = reports;
      const { receivedAt, clockOffsetMs } = reports;
      const renewal = renewalOf(parts, ticket, receivedAt);
      const next = nextBeatInMs({ intervalMs: ticket.intervalMs, load: parts.load(), random: parts.random() });
      const { ticketExpiresAt } = renewal;
      const received = { receivedAt, clockOffsetMs, ticketExpiresAt, nextBeatInMs: next, gateway: parts.instance };
      await parts.log.beats(items.map((item) => heartbeatRecord(ticket, item, received)));
      parts.metrics.reports.add('beat', items.length);
      const answer = verdictAnswer(parts, ticket, { nextBeatInMs: next, renewal });
      const stopped = answer.verdict === 'stop';
      parts.live.reported(ticket.tenant, ticket.session, { beats: items.length, stopped, now: reports.receivedAt });
      return replyToReports(reports, answer);
    },
  };
}
