import {
  CONTENT_KINDS,
  EVIDENCE_RULES,
  MAX_CONFLICTS,
  MAX_EVIDENCE_TTL_MS,
  MAX_SESSIONS_PER_LOOKUP,
  POLICY_JSON_SCHEMA,
} from '@playhead/event-schemas';
import { exempt, playbackSessionSchema, streamAttributes } from './body-schemas.ts';
import { contentId, count, id, list, object, spanMs, text, title, word } from './field-schemas.ts';
import type { JsonSchema } from './openapi-types.ts';

const DAY_MS = 86_400_000;

/** What a back end has seen of a stream. */
export const evidenceSchema: JsonSchema = object(
  {
    account: id('Whose stream it is.'),
    session: id('Session, as admission or the playback URL named it.'),
    kind: {
      type: 'string',
      description: 'What was seen; each kind speaks for the stream for a while of its own.',
      enum: Object.values(EVIDENCE_RULES).map((rule) => rule.word),
    },
    id: id('Tells it from other evidence of its session and kind, such as a request id; one sent twice counts once.'),
    observedAt: spanMs('When it was seen, milliseconds UTC; without it now.'),
    ttlMs: {
      ...spanMs('How long it speaks for the stream, milliseconds; without it as its kind says.'),
      maximum: MAX_EVIDENCE_TTL_MS,
    },
    contentId: contentId('Content.'),
    contentKind: word('Kind of the content.', CONTENT_KINDS),
    title: title('Title to show.', 500),
    profile: id('Profile.'),
    device: id('Device.'),
    ...streamAttributes,
    exempt,
  },
  ['account', 'session', 'kind', 'id'],
);

/** Whose sessions are asked about. */
export const lookupSchema: JsonSchema = object(
  {
    sessions: list(
      'The sessions.',
      object({ account: id('Account; a viewer may leave out the own one.'), session: id('Session.') }, ['session']),
      MAX_SESSIONS_PER_LOOKUP,
    ),
  },
  ['sessions'],
);

const {
  contentId: _content,
  kind: _kind,
  terminationTokens: _tokens,
  ...startProperties
} = playbackSessionSchema.properties ?? {};
const { account: _account, ...trialProperties } = startProperties;

/** A start that is tried without being made. */
export const dryRunSchema: JsonSchema = object({
  ...trialProperties,
  contentId: contentId("The tenant's opaque content id."),
  kind: word('What is watched.', CONTENT_KINDS),
  end: list('Sessions that would be ended.', id('Session.'), MAX_CONFLICTS),
});

/** A policy, as event-schemas checks it. */
export const policySchema: JsonSchema = POLICY_JSON_SCHEMA;

const orInstallation = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  description: `${schema.description} Absent: as the installation says.`,
});

/** The settings of a tenant. */
export const tenantSettingsSchema: JsonSchema = object({
  enforcement: {
    type: 'string',
    description:
      'enforce: policies decide. shadow: they only count, everything is admitted, and a start ends no older stream of its device. Absent: enforce.',
    enum: ['enforce', 'shadow'],
  },
  failRule: {
    type: 'string',
    description: 'What holds for a start that nobody decided on in time. Absent: as the installation says.',
    enum: ['allow', 'deny'],
  },
  uncheckedLeaseMs: orInstallation({
    ...spanMs('Life of the ticket of a stream that was admitted unchecked.'),
    minimum: 10_000,
    maximum: DAY_MS,
  }),
  heartbeatIntervalMs: orInstallation({ ...spanMs('Interval of native beats.'), minimum: 1000, maximum: 600_000 }),
  heartbeatGraceMs: orInstallation({ ...spanMs('Added to the interval for the lease.'), maximum: 600_000 }),
  heartbeatMaxMissed: orInstallation({
    ...count('Beats that a player may miss before it stops.'),
    minimum: 1,
    maximum: 100,
  }),
  webhookUrl: {
    ...text(
      'Where the enforcement service tells of streams to revoke: http or https, without a name or password.',
      2000,
    ),
    pattern: '^https?://[^\\s/?#@\\\\]+([/?#][^\\s]*)?$',
  },
  webhookKeyId: id('Key that signs those requests, by its name among the keys of the enforcement service.'),
  showTitles: { type: 'boolean', description: 'Whether conflicts may name titles and profiles. Absent: false.' },
});
