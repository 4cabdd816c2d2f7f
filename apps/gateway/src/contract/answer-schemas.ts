import { count, flag, object, spanMs, text } from './field-schemas.ts';
import type { JsonSchema } from './openapi-types.ts';
import {
  checked,
  conflicts,
  endedBy,
  oneOf,
  rules,
  rulesUsed,
  serverTime,
  sessionProperties,
  sessionRequired,
  staleBy,
  streamProperties,
  streamRequired,
  usageOfAdmission,
  usageOfDecision,
  usageOfRefusal,
  verdict,
  when,
} from './view-schemas.ts';

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
      endedBy,
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
      usage: usageOfAdmission,
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
      policy: text('Policy that refused.'),
      rule: text('Its rule.'),
      actions: {
        type: 'array',
        description:
          'What the viewer can do: try again later; or choose streams to end (`terminate`). Nothing where no stream that ends would make room.',
        items: oneOf('What.', ['retry', 'terminate']),
      },
      usage: usageOfRefusal,
      conflicts,
      retryAfterMs: spanMs('Until the earliest lease ends; absent where that would not help.'),
    },
    [...problemRequired, 'decision', 'usage', 'conflicts'],
  ),
  SessionView: object(sessionProperties, sessionRequired),
  AccountStreams: object(
    {
      streams: {
        type: 'array',
        description: 'The live streams, oldest first.',
        items: object(streamProperties, streamRequired),
      },
      staleBy,
    },
    ['streams'],
  ),
  SessionList: object(
    {
      sessions: {
        type: 'array',
        description: 'In the order asked; null: never seen or forgotten.',
        items: { anyOf: [object(sessionProperties, sessionRequired), { type: 'null' }] },
      },
    },
    ['sessions'],
  ),
  FoundSessions: object(
    {
      sessions: {
        type: 'array',
        description: 'Those that fit.',
        items: object({ ...streamProperties, account: text('Account.') }, [...streamRequired, 'account']),
      },
      next: { type: 'string', description: 'Give it as `after` for what follows; absent at the end.' },
      staleBy,
    },
    ['sessions'],
  ),
  Usage: object(
    {
      plan: text('Plan.'),
      streams: count('Streams that hold a slot; exempt content holds none, unless a rule counts it.'),
      rules: rulesUsed,
      staleBy,
    },
    ['plan', 'streams', 'rules'],
  ),
  StoredEntitlement: object(
    {
      plan: text('Name of the plan.'),
      maxStreams: count('Streams at once.'),
      updatedAt: when('When it was set; absent where that was not kept'),
      updatedBy: text('Role of the one who set it.'),
    },
    ['plan', 'maxStreams'],
  ),
  Explanation: object(
    {
      decision: oneOf('What was or would be decided.', ['allow', 'deny']),
      reason: text('Why, for programs.'),
      plan: text('Plan.'),
      usage: usageOfDecision,
      conflicts,
      retryAfterMs: spanMs('On deny: until enough leases end.'),
      policy: text('On deny: the policy that refused.'),
      rule: text('On deny: its rule.'),
      mayEnd: flag('On deny: the viewer may choose some of the conflicts to end; the end of all of them makes room.'),
      ended: { type: 'array', description: 'Sessions that it ended.', items: text('Session.') },
      graceUntil: when('On allow over a limit: when it is judged again'),
      checked,
      decidedAt: when('Time of the decision'),
      rules,
      staleBy,
    },
    ['decision', 'plan', 'usage', 'conflicts', 'checked', 'decidedAt', 'rules'],
  ),
  History: object(
    {
      entries: {
        type: 'array',
        description: 'Newest first.',
        items: object(
          {
            at: when('When'),
            type: text('ADMISSION, IMPLICIT_ADMISSION, CHECK or END.'),
            sessionId: text('Session.'),
            device: text('Device.'),
            content: text('Content.'),
            kind: text('Kind of the content.'),
            decision: oneOf('What was decided.', ['allow', 'deny']),
            reason: text('Why.'),
            endedBy,
            checked,
            current: count('What was counted.'),
            max: count('The limit; absent where nothing limited.'),
            policy: text('Policy.'),
            rule: text('Its rule.'),
            rules,
          },
          ['at', 'type', 'sessionId', 'device', 'content', 'kind', 'checked', 'rules'],
        ),
      },
      staleBy,
    },
    ['entries'],
  ),
  EvidenceAnswer: object(
    {
      session: text('Session.'),
      verdict,
      reason: text('Why it is not continue.'),
      endedBy,
      refused: text('Present where this one was not taken. rate-limit: its account sends more than it may.'),
      retryAfterMs: spanMs('With refused: when it may be sent again.'),
    },
    ['session', 'verdict'],
  ),
  StoredPolicy: object(
    {
      version: count('Greater at every change, and never that of an earlier document.'),
      updatedAt: when('When it was set'),
      updatedBy: text('Role of the one who set it.'),
      document: { type: 'object', description: 'As it was written.' },
    },
    ['version', 'updatedAt', 'document'],
  ),
  StoredPolicies: object(
    {
      policies: {
        type: 'object',
        description: 'By their ids.',
        additionalProperties: { $ref: '#/components/schemas/StoredPolicy' },
      },
    },
    ['policies'],
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
