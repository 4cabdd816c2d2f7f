import { CLOSED_VALUES } from './attribute-values.ts';
import { MAX_RULES_PER_POLICY, POLICY_STRATEGIES } from './policy.ts';
import { STREAM_ATTRIBUTES } from './stream-attributes.ts';

const DAY_MS = 24 * 60 * 60_000;

const id = (description: string): object => ({ type: 'string', pattern: '^[a-z0-9-]{1,64}$', description });
const limit = { type: 'integer', minimum: 0, maximum: 1000 };
const span = (maximum: number, description: string): object => ({ type: 'integer', minimum: 1, maximum, description });
const listOf = (items: object): object => ({ type: 'array', items, minItems: 1, maxItems: 200 });
const value = { type: 'string', minLength: 1, maxLength: 128 };
const object = (properties: object, rest: object = {}): object => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...rest,
});

const policyLimit = {
  description: 'How many are allowed.',
  anyOf: [
    limit,
    object({ from: { type: 'string', enum: ['entitlement', 'token'] }, otherwise: limit }, { required: ['from'] }),
    object(
      {
        plans: {
          type: 'object',
          propertyNames: { type: 'string', minLength: 1, maxLength: 64 },
          additionalProperties: limit,
          minProperties: 1,
          maxProperties: 100,
        },
        otherwise: limit,
      },
      { required: ['plans'] },
    ),
  ],
};

/** The values that a condition may name, of those attributes that have no others. */
type ClosedValues = Readonly<Record<string, readonly string[]>>;

const condition = (closed: ClosedValues): object => {
  const values = Object.fromEntries(
    STREAM_ATTRIBUTES.map((name) => {
      const allowed = closed[name];
      return [name, listOf(allowed === undefined ? value : { type: 'string', enum: [...allowed] })];
    }),
  );
  return object(
    { ...values, not: object(values) },
    {
      description:
        'The starts it is asked about and the streams that it counts; absent: all. A value is one of those listed; a flag is "true" or "false".',
    },
  );
};

const ruleProperties = {
  count: {
    type: 'string',
    enum: ['streams', ...STREAM_ATTRIBUTES],
    description: 'What is counted: streams, or the distinct values of an attribute. Default streams.',
  },
  per: {
    type: 'array',
    items: { type: 'string', enum: [...STREAM_ATTRIBUTES] },
    uniqueItems: true,
    minItems: 1,
    maxItems: 4,
    description: 'Counts apart for each combination of their values. Default: together for the account.',
  },
  max: policyLimit,
  strategy: {
    type: 'string',
    enum: [...POLICY_STRATEGIES],
    description: 'What happens to a start over the limit. Default block-new.',
  },
  sameDevice: {
    type: 'string',
    enum: ['replace', 'keep'],
    description: 'Whether a start ends older streams of its device. Default replace.',
  },
  paused: {
    description:
      'What a paused stream is: one that counts (default), one that does not, or one that does not after a while.',
    anyOf: [
      { type: 'string', enum: ['count', 'free'] },
      object({ freeAfterMs: span(DAY_MS, 'Paused so long, milliseconds.') }, { required: ['freeAfterMs'] }),
    ],
  },
  warmUp: object(
    {
      ms: span(600_000, 'Life of the stream, milliseconds.'),
      beats: span(60, 'Beats of the stream.'),
    },
    {
      minProperties: 1,
      description:
        'Before this, whichever is first, a stream is not counted and not refused; then it is judged. A beat that does not come counts after 60 s.',
    },
  ),
  grace: object(
    {
      streams: { type: 'integer', minimum: 1, maximum: 100 },
      forMs: span(DAY_MS, 'How long, milliseconds.'),
    },
    { required: ['streams', 'forMs'], description: 'So many over the limit are admitted for a while.' },
  ),
  keepMs: span(30 * DAY_MS, 'With count of an attribute: how long a value counts after its last start, milliseconds.'),
  missing: {
    type: 'string',
    enum: ['refuse', 'skip', 'count'],
    description: 'What a start is that lacks an attribute of per or count. Default count.',
  },
  exempt: {
    type: 'string',
    enum: ['free', 'count'],
    description: 'Whether exempt content holds a slot of this rule. Default free.',
  },
};

const rule = (closed: ClosedValues): object =>
  object(
    { rule: id('Id of the rule within the policy.'), where: condition(closed), ...ruleProperties },
    { required: ['rule', 'max'] },
  );

const policy = (closed: ClosedValues): Readonly<Record<string, unknown>> =>
  Object.freeze({
    ...object(
      {
        policy: id('Id of the policy within the tenant.'),
        description: { type: 'string', maxLength: 500 },
        mode: {
          type: 'string',
          enum: ['enforce', 'shadow', 'off'],
          description: 'shadow is evaluated, counted and decides nothing. Default enforce.',
        },
        onUnavailable: {
          type: 'string',
          enum: ['allow', 'deny'],
          description: "What holds for its starts while nobody decides in time. Default: the tenant's fail rule.",
        },
        rules: { type: 'array', items: rule(closed), minItems: 1, maxItems: MAX_RULES_PER_POLICY },
      },
      { required: ['policy', 'rules'] },
    ),
    description: 'A concurrency policy: all rules of all policies of the tenant must allow a start.',
  });

/** The JSON Schema (2020-12) of a policy, for the OpenAPI document and for editors. `validatePolicy` says more. */
export const POLICY_JSON_SCHEMA = policy(CLOSED_VALUES);

/** The JSON Schema of a stored policy: an earlier version wrote any value, and a later one may know more. */
export const STORED_POLICY_JSON_SCHEMA = policy({});
