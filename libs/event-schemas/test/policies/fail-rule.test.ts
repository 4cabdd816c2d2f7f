import { expect, test } from '@jest/globals';
import { attributesOf, failRule, fulfils, newPlaybackHeartbeat, newTenantSettings } from '../../src/index.ts';
import type { Policy, StreamCondition } from '../../src/index.ts';

const start = newPlaybackHeartbeat({
  eventId: 'e',
  type: 'START',
  tenant: 'demo',
  account: 'a',
  session: 's',
  receivedTime: 1,
  eventTime: 1,
  kind: 'LIVE',
  channel: 'sport-1',
  country: 'DE',
  home: false,
});
const attributes = attributesOf(start, 'basic');

test.each<[StreamCondition | undefined, boolean]>([
  [undefined, true],
  [{}, true],
  [{ kind: ['LIVE'] }, true],
  [{ kind: ['VOD', 'LIVE'], plan: ['basic'] }, true],
  [{ kind: ['LIVE'], plan: ['premium'] }, false],
  [{ territory: ['DE'] }, true],
  [{ home: ['false'] }, true],
  // What is not known is none of the values, and not one that is excluded either.
  [{ rightsHolder: ['studio'] }, false],
  [{ deviceClass: ['UNKNOWN'] }, false],
  [{ not: { rightsHolder: ['studio'] } }, true],
  [{ kind: ['LIVE'], not: { channel: ['sport-1'] } }, false],
])('%j is fulfilled: %s', (condition, expected) => {
  expect(fulfils(attributes, condition)).toBe(expected);
});

const policy = (onUnavailable: 'allow' | 'deny' | undefined, kind: string, mode?: 'shadow'): Policy => ({
  policy: `${kind}-${onUnavailable}`.toLowerCase(),
  rules: [{ rule: 'r', where: { kind: [kind] }, max: 1 }],
  ...(onUnavailable === undefined ? {} : { onUnavailable }),
  ...(mode === undefined ? {} : { mode }),
});
const settings = (fields: object) => newTenantSettings({ tenant: 'demo', updatedAt: 1, ...fields });

test.each<[string, Partial<Parameters<typeof failRule>[0]>, 'allow' | 'deny']>([
  ['the installation says', {}, 'deny'],
  ['the tenant says', { settings: settings({ failRule: 'ALLOW' }) }, 'allow'],
  ['a policy about it says', { policies: [policy('allow', 'LIVE')] }, 'allow'],
  ['a policy that says deny wins', { policies: [policy('allow', 'LIVE'), policy('deny', 'LIVE')] }, 'deny'],
  ['a policy about others says nothing', { policies: [policy('allow', 'VOD')] }, 'deny'],
  ['a policy that only counts says nothing', { policies: [policy('allow', 'LIVE', 'shadow')] }, 'deny'],
  ['a policy without a word says nothing', { policies: [policy(undefined, 'LIVE')] }, 'deny'],
  ['a tenant in shadow refuses nothing', { settings: settings({ enforcement: 'SHADOW' }) }, 'allow'],
  ['exempt content is never refused', { isFree: true, policies: [policy('deny', 'LIVE')] }, 'allow'],
])('when nobody decided, %s', (_name, given, expected) => {
  expect(failRule({ attributes, isFree: false, policies: [], settings: undefined, otherwise: 'deny', ...given })).toBe(
    expected,
  );
});
