import { describe, expect, test } from '@jest/globals';
import {
  parsePolicy,
  POLICY_JSON_SCHEMA,
  POLICY_STRATEGIES,
  STREAM_ATTRIBUTES,
  validatePolicy,
} from '../../src/index.ts';

const rule = { rule: 'streams', max: 2 };
const policy = { policy: 'account', rules: [rule] };

describe('validatePolicy', () => {
  test('takes the smallest policy and one that says everything', () => {
    const full = {
      policy: 'rights',
      description: 'What a rights holder allows.',
      mode: 'shadow',
      onUnavailable: 'deny',
      rules: [
        {
          rule: 'devices',
          where: { kind: ['LIVE'], home: ['true'], not: { channel: ['news'] } },
          count: 'device',
          per: ['rightsHolder'],
          max: { plans: { basic: 1 }, otherwise: 2 },
          strategy: 'ask',
          sameDevice: 'keep',
          paused: { freeAfterMs: 60_000 },
          warmUp: { beats: 3 },
          grace: { streams: 1, forMs: 60_000 },
          keepMs: 10_800_000,
          missing: 'refuse',
          exempt: 'count',
        },
      ],
    };
    expect(validatePolicy(policy)).toEqual({ policy });
    expect(validatePolicy(full)).toEqual({ policy: full });
  });

  test.each<[string, unknown, string, string]>([
    ['no object', 7, '', 'type'],
    ['no rules', { policy: 'a' }, '/rules', 'required'],
    ['no rule at all', { policy: 'a', rules: [] }, '/rules', 'minItems'],
    ['a name with capitals', { ...policy, policy: 'A' }, '/policy', 'pattern'],
    ['an unknown field', { ...policy, limit: 2 }, '/limit', 'additionalProperties'],
    ['an unknown mode', { ...policy, mode: 'maybe' }, '/mode', 'enum'],
    ['an unknown attribute', { ...policy, rules: [{ ...rule, per: ['shoe'] }] }, '/rules/0/per/0', 'enum'],
    [
      'an unknown attribute of a condition',
      { ...policy, rules: [{ ...rule, where: { shoe: ['x'] } }] },
      '/rules/0/where/shoe',
      'additionalProperties',
    ],
    ['a negative limit', { ...policy, rules: [{ ...rule, max: -1 }] }, '/rules/0/max', 'minimum'],
    ['more than an account can have', { ...policy, rules: [{ ...rule, max: 1001 }] }, '/rules/0/max', 'maximum'],
    ['two rules of one name', { ...policy, rules: [rule, rule] }, '/rules/1/rule', 'duplicate'],
    ['streams that are kept', { ...policy, rules: [{ ...rule, keepMs: 5 }] }, '/rules/0/keepMs', 'not-allowed'],
    [
      'devices per device',
      { ...policy, rules: [{ ...rule, count: 'device', per: ['device'] }] },
      '/rules/0/per',
      'not-allowed',
    ],
  ])('refuses %s and says where', (_name, value, pointer, code) => {
    expect(validatePolicy(value).problems).toContainEqual(expect.objectContaining({ pointer, code }));
  });

  test('lists at most 20 problems', () => {
    const rules = Array.from({ length: 20 }, () => ({ rule: 'X', max: -1 }));
    expect(validatePolicy({ policy: 'a', rules }).problems).toHaveLength(20);
  });
});

describe('a misspelled value of a condition, which no stream has, once switched the limit off unnoticed', () => {
  const of = (where: object) => ({ policy: 'x', rules: [{ rule: 'live', where, max: 1 }] });

  test.each<[string, object, string, RegExp]>([
    ['a kind', { kind: ['LIV'] }, '/kind/0', /of LIVE, VOD, CATCHUP, not "LIV"$/],
    ['a kind that is not', { not: { kind: ['VOD', 'live'] } }, '/not/kind/1', /of LIVE, VOD, CATCHUP, not "live"$/],
    ['a device class', { deviceClass: ['PHONE'] }, '/deviceClass/0', /of MOBILE, .*CONSOLE, not "PHONE"$/],
    ['what is not known', { deviceClass: ['TV', 'UNKNOWN'] }, '/deviceClass/1', /, not "UNKNOWN"$/],
    ['home', { home: ['yes'] }, '/home/0', /of true, false, not "yes"$/],
    ['adSupported', { adSupported: ['True'] }, '/adSupported/0', /of true, false, not "True"$/],
  ])('%s is refused with the place, the value and what is allowed', (_name, where, place, detail) => {
    expect(validatePolicy(of(where)).problems).toEqual([
      { pointer: `/rules/0/where${place}`, code: 'enum', detail: expect.stringMatching(detail) },
    ]);
  });

  test('values that are the tenant’s own stay open', () => {
    const own = of({ deviceType: ['PHONE'], channel: ['LIV'], package: ['x'], territory: ['UK'] });
    expect(validatePolicy(own)).toEqual({ policy: own });
  });

  test('one that was stored is still read as it was written', () => {
    const stored = of({ kind: ['LIV'], not: { deviceClass: ['PHONE'] } });
    expect(parsePolicy(JSON.stringify(stored))).toEqual(stored);
  });
});

test('a document of a later version is no policy here', () => {
  expect(parsePolicy(JSON.stringify(policy))).toEqual(policy);
  expect(parsePolicy('{"policy":"a","rules":[{"rule":"b","max":{"from":"stars"}}]}')).toBeUndefined();
  expect(parsePolicy('{')).toBeUndefined();
});

test('the JSON Schema names every attribute and strategy', () => {
  const text = JSON.stringify(POLICY_JSON_SCHEMA);
  expect([...STREAM_ATTRIBUTES, ...POLICY_STRATEGIES].filter((word) => !text.includes(`"${word}"`))).toEqual([]);
});
