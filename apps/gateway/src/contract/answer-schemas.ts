import { count, flag, object, sequence, spanMs, text } from './field-schemas.ts';
import type { JsonSchema } from './openapi-types.ts';
import { CONTENT_KINDS } from './words.ts';

const when = (description: string): JsonSchema => spanMs(`${description}, milliseconds UTC.`);
const oneOf = (description: string, words: readonly string[]): JsonSchema => ({
  type: 'string',
  description,
  enum: words,
});
const verdict = oneOf('May the stream go on. "stop" is final.', ['continue', 'warn', 'stop']);
const serverTime = when("The gateway's time");
const usage = (nullable: boolean): JsonSchema => {
  const number = (description: string): JsonSchema =>
    nullable ? { type: ['integer', 'null'], description: `${description}; null when unchecked.` } : count(description);
  return object({ current: number('Streams that hold a slot'), max: number('Streams allowed') }, ['current', 'max']);
};

const sessionProperties: Readonly<Record<string, JsonSchema>> = {
  sessionId: text('Session.'),
  state: oneOf('Whether it holds a lease.', ['active', 'ended']),
  endReason: text('Why it ended.'),
  verdict,
  reason: text('Why the verdict is not continue.'),
  lastSequence: { ...sequence('Greatest sequence of a native beat; −1 before the first.'), minimum: -1 },
  beats: count('Distinct beats.'),
  events: count('Distinct events.'),
  startedAt: when('Start'),
  lastSeenAt: when('Last sign of life'),
  expiresAt: when('End of the lease'),
};
const sessionRequired = Object.keys(sessionProperties).filter((name) => name !== 'endReason' && name !== 'reason');

const conflict = object(
  {
    sessionId: text('Session.'),
    device: text('Device.'),
    content: text('Content.'),
    startedAt: when('Start'),
    lastSeenAt: when('Last sign of life'),
  },
  ['sessionId', 'device', 'content', 'startedAt', 'lastSeenAt'],
);

const problemProperties: Readonly<Record<string, JsonSchema>> = {
  type: text('`/problems/<code>`.'),
  title: text('For people.'),
  status: { type: 'integer', minimum: 400, maximum: 599, description: 'The HTTP status.' },
  detail: { type: 'string', description: 'What is wrong with this request.' },
  errors: {
    type: 'array',
    description: 'Every field that is wrong, up to 20.',
    items: object(
      {
        pointer: {
          type: 'string',
          description: 'JSON pointer into the body, `?name` for a query parameter, `{name}` for one in the path.',
        },
        code: text('For programs: required, type, minimum, …'),
        detail: { type: 'string', description: 'For people.' },
      },
      ['pointer', 'code', 'detail'],
    ),
  },
};
const problemRequired = ['type', 'title', 'status'];

/** The schemas of the answers, by the name that the OpenAPI document gives them. */
export const answerSchemas = {
  VerdictAnswer: object(
    {
      verdict,
      reason: text('Why it is not continue.'),
      nextBeatInMs: spanMs('When the next beat is expected.'),
      serverTime,
      ticket: { type: 'string', description: 'A new ticket to use from now on.' },
    },
    ['verdict', 'nextBeatInMs', 'serverTime'],
  ),
  PlaybackSessionAnswer: object(
    {
      sessionId: text('Session.'),
      ticket: { type: 'string', description: 'Goes with every report and the stop of this session. A secret.' },
      decision: oneOf('The stream may start.', ['allow']),
      checked: flag('False when the guard did not answer and the rule of the tenant let the stream start.'),
      heartbeat: object(
        {
          intervalMs: spanMs('How often to beat.'),
          graceMs: spanMs('How late a beat may be.'),
          maxMissed: count('Beats that may fail before the player should stop.'),
        },
        ['intervalMs', 'graceMs', 'maxMissed'],
      ),
      usage: usage(true),
      cmcdUrl: { type: 'string', description: 'Where a CMCD reporter posts; a path unless GATEWAY_PUBLIC_URL is set.' },
      serverTime,
    },
    ['sessionId', 'ticket', 'decision', 'checked', 'heartbeat', 'usage', 'cmcdUrl', 'serverTime'],
  ),
  DenyProblem: object(
    {
      ...problemProperties,
      decision: oneOf('The stream may not start.', ['deny']),
      reason: text('Why, for programs.'),
      usage: usage(false),
      conflicts: { type: 'array', description: 'The streams that hold the slots, oldest first.', items: conflict },
      retryAfterMs: spanMs('Until the earliest lease ends.'),
    },
    [...problemRequired, 'decision', 'usage', 'conflicts', 'retryAfterMs'],
  ),
  SessionView: object(sessionProperties, sessionRequired),
  AccountStreams: object(
    {
      streams: {
        type: 'array',
        description: 'The live streams, oldest first.',
        items: object(
          {
            ...sessionProperties,
            device: text('Device.'),
            content: text('Content.'),
            kind: oneOf('Kind of the content.', [...CONTENT_KINDS, 'UNKNOWN']),
          },
          [...sessionRequired, 'device', 'content', 'kind'],
        ),
      },
    },
    ['streams'],
  ),
  Overview: object(
    {
      beatsPerSecond: { type: 'number', description: 'Mean of the last five seconds.' },
      history: { type: 'array', description: 'Beats in each of the last 60 seconds.', items: { type: 'number' } },
      liveStreams: count('Streams that reported in the last 15 to 30 s and may go on.'),
      blockedStreams: count(
        'Starts refused in the last minute, and streams that reported in the last 15 to 30 s and were told to stop.',
      ),
      refusedStarts: count('Starts refused in the last minute.'),
      dataDirectoryBytes: {
        type: ['integer', 'null'],
        description: 'Size of the data directory; null when there is none here.',
      },
      adminPort: count('Port of /metrics and /health.'),
      tenant: text('Whose figures these are.'),
      serverTime,
    },
    ['beatsPerSecond', 'history', 'liveStreams', 'blockedStreams', 'refusedStarts', 'tenant', 'serverTime'],
  ),
  DemoTokens: object(
    {
      tenant: text('Tenant of the tokens.'),
      operator: { type: 'string', description: 'Operator token.' },
      viewer: { type: 'string', description: 'Viewer token, when an account was named.' },
    },
    ['tenant', 'operator'],
  ),
  Problem: object(problemProperties, problemRequired),
} satisfies Readonly<Record<string, JsonSchema>>;

/** A name of `answerSchemas`. */
export type AnswerName = keyof typeof answerSchemas;
