import { expect, test } from '@jest/globals';
import { MAX_POLICIES_PER_TENANT, newTenantPolicy } from '@playhead/event-schemas';
import type { TenantPolicy } from '@playhead/event-schemas';
import { MAX_POLICIES_KEPT, PLAN_LIMIT, PolicyBook } from '../../src/policies/policy-book.ts';

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
const at = (offset: number) => ({ partition: 0, offset });
const HOME = { policy: 'home', rules: [{ rule: 'one', max: 1 }] };

test('a policy under a key that is none is nobody’s, and what came before stands', () => {
  const book = new PolicyBook();
  book.apply('demo/home', written(1, HOME), at(0));
  book.apply('no key of a policy', written(1, HOME), at(0));
  book.apply('', null, at(0));
  expect(book.active('demo').map(({ policy }) => policy.policy)).toEqual(['home']);
  expect(book.active('other')).toEqual([PLAN_LIMIT]);
});

test('a policy that this version cannot read decides nothing, and is counted until it can be read or is gone', () => {
  const book = new PolicyBook();
  book.apply('demo/home', written(1, HOME), at(0));
  expect(book.unreadable).toBe(0);
  book.apply('demo/home', written(2, { ...HOME, modifierOfLater: true }), at(0));
  expect(book.unreadable).toBe(1);
  expect(book.active('demo')).toEqual([PLAN_LIMIT]);
  book.apply('demo/home', written(3, HOME), at(0));
  expect(book.unreadable).toBe(0);
  book.apply('demo/home', written(4, {}), at(0));
  book.apply('demo/home', null, at(0));
  expect(book.unreadable).toBe(0);
});

test('a policy that was taken back and set again got the version 1 again, which named two documents then', async () => {
  const book = new PolicyBook();
  const versions = (): readonly number[] => book.active('demo').map(({ version }) => version);
  book.apply('demo/home', written(0, HOME), at(4));
  expect(versions()).toEqual([5]);
  await book.applied({ tenant: 'demo', policy: 'home', version: 5, timeoutMs: 1 });
  book.apply('demo/home', null, at(5));
  await book.applied({ tenant: 'demo', policy: 'home', version: null, timeoutMs: 1 });
  book.apply('demo/home', written(0, HOME), at(9));
  await book.applied({ tenant: 'demo', policy: 'home', version: 10, timeoutMs: 1 });
  expect(versions()).toEqual([10]);
  expect(book.stored('demo')).toMatchObject({ home: { version: 10 } });
  await expect(book.applied({ tenant: 'demo', policy: 'home', version: null, timeoutMs: 1 })).rejects.toThrow(
    'was not applied within 1 ms',
  );

  const afterRestart = new PolicyBook();
  afterRestart.apply('demo/home', written(0, HOME), at(9));
  expect(afterRestart.active('demo')).toEqual(book.active('demo'));
});

test('a version that an earlier release counted stays, and what is set after it has a greater one', () => {
  const book = new PolicyBook();
  book.apply('demo/home', written(3, HOME), at(7));
  expect(book.stored('demo')).toMatchObject({ home: { version: 3 } });
  book.apply('demo/home', written(0, HOME), at(8));
  expect(book.stored('demo')).toMatchObject({ home: { version: 9 } });
});

test('a policy named as a member of every object is set, shown and taken back as any other', async () => {
  const book = new PolicyBook();
  await expect(book.applied({ tenant: 'demo', policy: 'constructor', version: 1, timeoutMs: 1 })).rejects.toThrow(
    'was not applied within 1 ms',
  );
  const set = book.applied({ tenant: 'demo', policy: 'constructor', version: 1, timeoutMs: 60_000 });
  book.apply('demo/constructor', written(0, { ...HOME, policy: 'constructor' }), at(0));
  await set;
  expect(Object.entries(book.stored('demo'))).toMatchObject([['constructor', { version: 1 }]]);
  const gone = book.applied({ tenant: 'demo', policy: 'constructor', version: null, timeoutMs: 60_000 });
  book.apply('demo/constructor', null, at(1));
  await gone;
  expect(book.stored('demo')).toEqual({});
});

test('a change that another one of its policy had overtaken was waited for in vain', async () => {
  const home = { tenant: 'demo', policy: 'home', timeoutMs: 60_000 };
  const change = (offset: number, version: number | null) => ({
    ...home,
    version,
    position: { topic: 'policies', partition: 0, offset },
  });
  const book = new PolicyBook();
  book.apply('demo/home', written(0, HOME), { partition: 1, offset: 90 });
  const set = book.applied(change(5, 6));
  const gone = book.applied(change(6, null));
  // What is compacted away meanwhile was overtaken by what comes later in its partition.
  book.apply('demo/home', written(0, HOME), at(7));
  await Promise.all([set, gone]);
  book.apply('demo/home', null, at(8));
  await book.applied(change(7, 8));
  await book.applied(change(5, 6));
  await expect(book.applied({ ...change(9, 10), timeoutMs: 1 })).rejects.toThrow('was not applied within 1 ms');
});

test('a policy was said to be gone while the record that had set it before was still to be read', async () => {
  const book = new PolicyBook();
  const position = { topic: 'policies', partition: 0, offset: 6 };
  const gone = { tenant: 'demo', policy: 'home', version: null, position };
  await expect(book.applied({ ...gone, timeoutMs: 1 })).rejects.toThrow('was not applied within 1 ms');
  const told = book.applied({ ...gone, timeoutMs: 60_000 });
  book.apply('demo/home', written(0, HOME), at(5));
  book.apply('demo/home', null, at(6));
  await told;
});

test('of two policies that two gateways set at once as the last one of a tenant, a guard took one, each another', () => {
  const names = Array.from({ length: MAX_POLICIES_PER_TENANT - 1 }, (_, n) => `p-${n}`);
  const listed = (order: readonly string[]) => {
    const book = new PolicyBook();
    for (const [n, name] of order.entries()) book.apply(`demo/${name}`, written(0, HOME), at(n));
    return Object.keys(book.stored('demo')).sort();
  };
  expect(listed([...names, 'a', 'b'])).toEqual(listed([...names, 'b', 'a']));
});

test('a policy that a tenant with far too many has no room for is not said to be applied', async () => {
  const book = new PolicyBook();
  for (let n = 0; n < MAX_POLICIES_KEPT; n++) book.apply(`demo/p-${n}`, written(0, HOME), at(n));
  book.apply('demo/home', written(0, HOME), at(900));
  expect(book.active('demo')).toHaveLength(MAX_POLICIES_KEPT);
  const position = { topic: 'policies', partition: 0, offset: 900 };
  const change = { tenant: 'demo', policy: 'home', version: 901, position, timeoutMs: 1 };
  await expect(book.applied(change)).rejects.toThrow('was not applied within 1 ms');
});
