import { expect, test } from '@jest/globals';
import { newTenantPolicy } from '@playhead/event-schemas';
import { PLAN_LIMIT, PolicyBook } from '../../src/policies/policy-book.ts';

test('a policy under a key that is none is nobody’s, and what came before stands', () => {
  const book = new PolicyBook();
  const record = newTenantPolicy({
    tenant: 'demo',
    policy: 'home',
    version: 1,
    document: JSON.stringify({ policy: 'home', rules: [{ rule: 'one', max: 1 }] }),
    updatedAt: 0,
    updatedBy: 'operator',
  });
  book.apply('demo/home', record);
  book.apply('no key of a policy', record);
  book.apply('', null);
  expect(book.active('demo').map(({ policy }) => policy.policy)).toEqual(['home']);
  expect(book.active('other')).toEqual([PLAN_LIMIT]);
});
