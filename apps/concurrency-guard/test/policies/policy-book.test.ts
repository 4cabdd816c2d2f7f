import { expect, test } from '@jest/globals';
import { newTenantPolicy } from '@playhead/event-schemas';
import type { TenantPolicy } from '@playhead/event-schemas';
import { PLAN_LIMIT, PolicyBook } from '../../src/policies/policy-book.ts';

/** A version of the policy `home` of `demo`. */
const written = (version: number, document: object): TenantPolicy =>
  newTenantPolicy({
    tenant: 'demo',
    policy: 'home',
    version,
    document: JSON.stringify(document),
    updatedAt: 0,
    updatedBy: 'operator',
  });
const HOME = { policy: 'home', rules: [{ rule: 'one', max: 1 }] };

test('a policy under a key that is none is nobody’s, and what came before stands', () => {
  const book = new PolicyBook();
  book.apply('demo/home', written(1, HOME), 0);
  book.apply('no key of a policy', written(1, HOME), 0);
  book.apply('', null, 0);
  expect(book.active('demo').map(({ policy }) => policy.policy)).toEqual(['home']);
  expect(book.active('other')).toEqual([PLAN_LIMIT]);
});

test('a policy that this version cannot read decides nothing, and is counted until it can be read or is gone', () => {
  const book = new PolicyBook();
  book.apply('demo/home', written(1, HOME), 0);
  expect(book.unreadable).toBe(0);
  book.apply('demo/home', written(2, { ...HOME, modifierOfLater: true }), 0);
  expect(book.unreadable).toBe(1);
  expect(book.active('demo')).toEqual([PLAN_LIMIT]);
  book.apply('demo/home', written(3, HOME), 0);
  expect(book.unreadable).toBe(0);
  book.apply('demo/home', written(4, {}), 0);
  book.apply('demo/home', null, 0);
  expect(book.unreadable).toBe(0);
});

test('a policy that was taken back and set again got the version 1 again, which named two documents then', async () => {
  const book = new PolicyBook();
  const versions = (): readonly number[] => book.active('demo').map(({ version }) => version);
  book.apply('demo/home', written(0, HOME), 4);
  expect(versions()).toEqual([5]);
  await book.applied('demo', 'home', 5, 1);
  book.apply('demo/home', null, 5);
  await book.applied('demo', 'home', null, 1);
  book.apply('demo/home', written(0, HOME), 9);
  await book.applied('demo', 'home', 10, 1);
  expect(versions()).toEqual([10]);
  expect(book.stored('demo')).toMatchObject({ home: { version: 10 } });
  await expect(book.applied('demo', 'home', null, 1)).rejects.toThrow('was not applied within 1 ms');

  const afterRestart = new PolicyBook();
  afterRestart.apply('demo/home', written(0, HOME), 9);
  expect(afterRestart.active('demo')).toEqual(book.active('demo'));
});

test('a version that an earlier release counted stays, and what is set after it has a greater one', () => {
  const book = new PolicyBook();
  book.apply('demo/home', written(3, HOME), 7);
  expect(book.stored('demo')).toMatchObject({ home: { version: 3 } });
  book.apply('demo/home', written(0, HOME), 8);
  expect(book.stored('demo')).toMatchObject({ home: { version: 9 } });
});

test('a policy named as a member of every object is set, shown and taken back as any other', async () => {
  const book = new PolicyBook();
  await expect(book.applied('demo', 'constructor', 1, 1)).rejects.toThrow('was not applied within 1 ms');
  const set = book.applied('demo', 'constructor', 1, 60_000);
  book.apply('demo/constructor', written(0, { ...HOME, policy: 'constructor' }), 0);
  await set;
  expect(Object.entries(book.stored('demo'))).toMatchObject([['constructor', { version: 1 }]]);
  const gone = book.applied('demo', 'constructor', null, 60_000);
  book.apply('demo/constructor', null, 1);
  await gone;
  expect(book.stored('demo')).toEqual({});
});
