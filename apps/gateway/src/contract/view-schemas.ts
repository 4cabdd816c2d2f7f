import { CONTENT_KINDS, MAX_CONFLICTS } from '@playhead/event-schemas';
import { count, flag, object, sequence, spanMs, text } from './field-schemas.ts';
import type { JsonSchema } from './openapi-types.ts';

/** A time of ours. */
export const when = (description: string): JsonSchema => spanMs(`${description}, milliseconds UTC.`);
/** One of some words. */
export const oneOf = (description: string, words: readonly string[]): JsonSchema => ({
  type: 'string',
  description,
  enum: words,
});
/** What is said about a stream. */
export const verdict = oneOf('May the stream go on. "stop" is final.', ['continue', 'warn', 'stop']);
/** The gateway's time. */
export const serverTime = when("The gateway's time");
/** How far behind an answer may be. */
export const staleBy = count('The answer comes from a copy that may be behind, by so many records.');
/** Whether rules were asked. */
export const checked = flag(
  'False: no rule was asked, because nobody decided in time, the start came late, or it is a download.',
);
const usageOf = (current: JsonSchema, max: JsonSchema): JsonSchema => object({ current, max }, ['current', 'max']);
const orNull = (description: string): JsonSchema => ({ type: ['integer', 'null'], description });
const holding = count('Streams that hold a slot.');
/** What is used of a limit that refused: both are known. */
export const usageOfRefusal = usageOf(holding, count('Streams allowed.'));
/** What is used of a limit that a stream was judged by, if there is one. */
export const usageOfDecision = usageOf(
  holding,
  orNull('Streams allowed; null when nothing limits the stream, such as exempt content.'),
);
/** What is used of a limit by which a stream was admitted; nobody counted what was admitted unchecked. */
export const usageOfAdmission = usageOf(
  orNull('Streams that hold a slot; null when unchecked.'),
  orNull('Streams allowed; null when unchecked, or when nothing limits the stream, such as exempt content.'),
);

const evidence = object(
  {
    source: text('NATIVE and CMCD are its player; else the kind of evidence: in capitals, but SEGMENT for cdn-log.'),
    expiresAt: when('Until when it alone would keep the stream'),
  },
  ['source', 'expiresAt'],
);

/** Who ended a stream. */
export const endedBy = text(
  'With reason `replaced` or `newer-stream` the id of the session for whose start it was ended. Else the role of the one who ended it: `viewer` (with reason `viewer-choice` by a termination token), `operator` or `service`. Absent where a rule or the guard itself did.',
);

/** A session as the guard shows it. */
export const sessionProperties: Readonly<Record<string, JsonSchema>> = {
  sessionId: text('Session.'),
  state: oneOf('Whether it holds a lease.', ['active', 'ended']),
  endReason: text('Why it ended. no-lease: it never held one, as a download, or where all that came of it came late.'),
  endedBy,
  verdict,
  reason: text('Why the verdict is not continue.'),
  lastSequence: { ...sequence('Greatest sequence of a native beat; −1 before the first.'), minimum: -1 },
  beats: count('Distinct beats.'),
  events: count('Distinct events.'),
  startedAt: when('Start'),
  lastSeenAt: when('Last sign of life'),
  expiresAt: when('End of the lease; 0: it never had one, as a download'),
  confidence: oneOf(
    'high: its player has reported, or a licence renewal speaks for it. low: only its start, or what a back end has seen.',
    ['high', 'low'],
  ),
  evidence: { type: 'array', description: 'What speaks for it now, the longest first.', items: evidence },
  admittedUnchecked: flag('The gateway admitted it by the fail rule.'),
  downloaded: flag(
    "It plays from the device's own storage and holds no lease: state is ended all the while, lastSeenAt says when it reported.",
  ),
  staleBy,
};
/** What every session has. */
export const sessionRequired = [
  'sessionId',
  'state',
  'verdict',
  'lastSequence',
  'beats',
  'events',
  'startedAt',
  'lastSeenAt',
  'expiresAt',
];
/** A session in a list of streams. */
export const streamProperties: Readonly<Record<string, JsonSchema>> = {
  ...sessionProperties,
  device: text('Device.'),
  deviceClass: text('Class of the device.'),
  profile: text('Profile.'),
  content: text('Content.'),
  title: text('Title.', 500),
  kind: oneOf('Kind of the content.', [...CONTENT_KINDS, 'UNKNOWN']),
  paused: flag('It is paused.'),
};
/** What every stream has. */
export const streamRequired = [...sessionRequired, 'device', 'content', 'kind'];
const ruleProperties: Readonly<Record<string, JsonSchema>> = {
  policy: text('Policy.'),
  version: count('Version of the policy.'),
  rule: text('Rule.'),
  outcome: oneOf('What it said.', ['allow', 'deny']),
  shadow: flag('It only counts: its outcome decided nothing.'),
  strategy: text('What it does at its limit.'),
  group: text('Values that it counted apart, as attribute=value.', 1024),
  current: count('What it counted, the start included.'),
  max: count('Its limit.'),
};
const ruleRequired = ['policy', 'version', 'rule', 'outcome', 'shadow', 'strategy', 'current', 'max'];
/** What rules said. */
export const rules: JsonSchema = {
  type: 'array',
  description: 'Every rule that was asked.',
  items: object(ruleProperties, ruleRequired),
};
/** What is used of rules. */
export const rulesUsed: JsonSchema = {
  type: 'array',
  description: 'Every rule, a line for each combination of values that it counts apart.',
  items: object(
    {
      ...ruleProperties,
      outcome: oneOf('allow: one more would fit.', ['allow', 'deny']),
      shadow: flag('It only counts, by its policy or because the tenant is in shadow.'),
      current: count('What it counts.'),
      max: { type: ['integer', 'null'], description: 'Its limit; null: the token of each viewer says it.' },
    },
    ruleRequired,
  ),
};

/** A stream that holds a slot which a start wanted. */
const conflict = object(
  {
    terminationToken: {
      type: 'string',
      description: 'Names this stream as the one to end when the start is tried again.',
    },
    deviceClass: text('Class of the device.'),
    title: text('Title.', 500),
    profile: text('Profile.'),
    paused: flag('It is paused.'),
    expiresAt: when('End of its lease'),
    sessionId: text('Session.'),
    device: text('Device.'),
    content: text('Content.'),
    startedAt: when('Start'),
    lastSeenAt: when('Last sign of life'),
  },
  ['sessionId', 'device', 'content', 'startedAt', 'lastSeenAt'],
);
/** What is in the way of a start. */
export const conflicts: JsonSchema = {
  type: 'array',
  description: `At most ${MAX_CONFLICTS} of the streams that hold the slots, oldest first. Where the viewer may choose, only streams whose end, all together, makes room, of more than ${MAX_CONFLICTS} first those of places with the fewest streams, then those seen least recently; where the end of so many would not make room, the viewer may not choose.`,
  items: conflict,
};
