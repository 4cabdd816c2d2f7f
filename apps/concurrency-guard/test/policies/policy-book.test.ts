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
  book.apply('demo/home', written(1, HOME));
  book.apply('no key of a policy', written(1, HOME));
  book.apply('', null);
  expect(book.active('demo').map(({ policy }) => policy.policy)).toEqual(['home']);
  expect(book.active('other')).toEqual([PLAN_LIMIT]);
});

test('a policy that this version cannot read decides nothing, and is counted until it can be read or is gone', () => {
  const book = new PolicyBook();
  book.apply('demo/home', written(1, HOME));
  expect(book.unreadable).toBe(0);
  book.apply('demo/home', written(2, { ...HOME, modifierOfLater: true }));
  expect(book.unreadable).toBe(1);
  expect(book.active('demo')).toEqual([PLAN_LIMIT]);
  book.apply('demo/home', written(3, HOME));
  expect(book.unreadable).toBe(0);
  book.apply('demo/home', written(4, {}));
  book.apply('demo/home', null);
  expect(book.unreadable).toBe(0);
});
