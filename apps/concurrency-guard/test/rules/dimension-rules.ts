import { policy } from './product-rule.ts';
import type { ProductRule } from './product-rule.ts';

/** By what an engine can count: domain.md §1.3. */
export const DIMENSION_RULES: readonly ProductRule[] = [
  {
    product: 'Dimension',
    rule: 'Account',
    policies: [policy([{ rule: 'account', max: 1 }])],
    scenario: `
      0 start a tv -> allow a 1/1
      1 start b phone -> deny b concurrency-limit 1/1 by p/account conflicts a retry 24; stop b concurrency-limit
      2 start c tv account=acc-2 -> allow c 1/1
    `,
  },
  {
    product: 'Dimension',
    rule: 'Profile',
    policies: [policy([{ rule: 'profile', per: ['profile'], max: 1 }])],
    scenario: `
      0 start a tv profile=ann -> allow a 1/1
      1 start b phone profile=ben -> allow b 1/1
      2 start c tablet profile=ann -> deny c concurrency-limit 1/1 by p/profile conflicts a retry 23; stop c concurrency-limit
    `,
  },
  {
    product: 'Dimension',
    rule: 'Plan',
    policies: [policy([{ rule: 'free', where: { plan: ['free'] }, max: 1 }])],
    scenario: `
      0 plan free ->
      0 start a tv -> allow a 1/1
      1 start b phone -> deny b concurrency-limit 1/1 by p/free conflicts a retry 24; stop b concurrency-limit
      2 plan gold ->
      3 start c phone -> allow c 2/-
    `,
  },
  {
    product: 'Dimension',
    rule: 'Device type',
    policies: [policy([{ rule: 'sticks', where: { deviceType: ['stick'] }, max: 1 }])],
    scenario: `
      0 start a one deviceType=stick -> allow a 1/1
      1 start b two deviceType=stick -> deny b concurrency-limit 1/1 by p/sticks conflicts a retry 24; stop b concurrency-limit
      2 start c three deviceType=box -> allow c 2/-
    `,
  },
  {
    product: 'Dimension',
    rule: 'Device class',
    policies: [policy([{ rule: 'mobile', where: { deviceClass: ['MOBILE', 'TABLET'] }, max: 1 }])],
    scenario: `
      0 start a phone deviceClass=MOBILE -> allow a 1/1
      1 start b tablet deviceClass=TABLET -> deny b concurrency-limit 1/1 by p/mobile conflicts a retry 24; stop b concurrency-limit
      2 start c tv deviceClass=TV -> allow c 2/-
    `,
  },
  {
    product: 'Dimension',
    rule: 'Network or home',
    policies: [policy([{ rule: 'away', where: { not: { home: ['true'] } }, max: 1 }])],
    scenario: `
      0 start a tv home=true -> allow a 1/-
      1 start b phone home=false -> allow b 1/1
      2 start c tablet -> deny c concurrency-limit 1/1 by p/away conflicts b retry 24; stop c concurrency-limit
      3 start d laptop home=true -> allow d 3/-
    `,
  },
  {
    product: 'Dimension',
    rule: 'Territory',
    policies: [policy([{ rule: 'abroad', where: { territory: ['FR', 'IT'] }, max: 1 }])],
    scenario: `
      0 start a tv territory=DE -> allow a 1/-
      1 start b phone territory=FR -> allow b 1/1
      2 start c tablet territory=IT -> deny c concurrency-limit 1/1 by p/abroad conflicts b retry 24; stop c concurrency-limit
    `,
  },
  {
    product: 'Dimension',
    rule: 'Content kind: live, on demand, catch-up',
    policies: [policy([{ rule: 'kind', per: ['kind'], max: 1 }])],
    scenario: `
      0 start a tv kind=LIVE -> allow a 1/1
      1 start b phone kind=VOD -> allow b 1/1
      2 start c tablet kind=CATCHUP -> allow c 1/1
      3 start d laptop kind=CATCHUP -> deny d concurrency-limit 1/1 by p/kind conflicts c retry 24; stop d concurrency-limit
    `,
  },
  {
    product: 'Dimension',
    rule: 'Paid by advertising',
    policies: [policy([{ rule: 'ads', where: { adSupported: ['true'] }, max: 1 }])],
    scenario: `
      0 start a tv adSupported=true -> allow a 1/1
      1 start b phone adSupported=true -> deny b concurrency-limit 1/1 by p/ads conflicts a retry 24; stop b concurrency-limit
      2 start c tablet adSupported=false -> allow c 2/-
    `,
  },
  {
    product: 'Dimension',
    rule: 'Channel',
    policies: [policy([{ rule: 'channel', where: { channel: ['sport-1'] }, max: 1 }])],
    scenario: `
      0 start a tv channel=sport-1 -> allow a 1/1
      1 start b phone channel=sport-1 -> deny b concurrency-limit 1/1 by p/channel conflicts a retry 24; stop b concurrency-limit
      2 start c tablet channel=news -> allow c 2/-
    `,
  },
  {
    product: 'Dimension',
    rule: 'Asset',
    policies: [policy([{ rule: 'asset', per: ['content'], max: 1 }])],
    scenario: `
      0 start a tv content=film-1 -> allow a 1/1
      1 start b phone content=film-1 -> deny b concurrency-limit 1/1 by p/asset conflicts a retry 24; stop b concurrency-limit
      2 start c tablet content=film-2 -> allow c 1/1
    `,
  },
  {
    product: 'Dimension',
    rule: 'Rights holder beside the plan: both have to allow',
    policies: [
      { policy: 'plan', rules: [{ rule: 'streams', max: 3 }] },
      { policy: 'studio', rules: [{ rule: 'studio', where: { rightsHolder: ['studio'] }, max: 1 }] },
    ],
    scenario: `
      0 start a tv rightsHolder=studio -> allow a 1/1
      1 start b phone rightsHolder=studio -> deny b concurrency-limit 1/1 by studio/studio conflicts a retry 24; stop b concurrency-limit
      2 start c tablet rightsHolder=other -> allow c 2/3
      3 start d laptop -> allow d 3/3
      4 start e laptop-2 -> deny e concurrency-limit 3/3 by plan/streams conflicts a c d retry 21; stop e concurrency-limit
    `,
  },
  {
    product: 'Dimension',
    rule: 'Package',
    policies: [policy([{ rule: 'package', per: ['package'], max: 1, missing: 'skip' }])],
    scenario: `
      0 start a tv package=films -> allow a 1/1
      1 start b phone package=films -> deny b concurrency-limit 1/1 by p/package conflicts a retry 24; stop b concurrency-limit
      2 start c tablet -> allow c 2/-
      3 start d laptop -> allow d 3/-
    `,
  },
  {
    product: 'Dimension',
    rule: 'Tenant: a policy is of one tenant, and of all its accounts',
    policies: [policy([{ rule: 'all', max: 0 }])],
    scenario: `
      0 start a tv -> deny a concurrency-limit 0/0 by p/all; stop a concurrency-limit
      1 start b tv account=acc-2 -> deny b concurrency-limit 0/0 by p/all; stop b concurrency-limit
    `,
  },
];
