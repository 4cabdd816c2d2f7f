import { policy } from './product-rule.ts';
import type { ProductRule } from './product-rule.ts';

/** Adobe Concurrency Monitoring: domain.md §1.1. */
export const ADOBE_RULES: readonly ProductRule[] = [
  {
    product: 'Adobe Concurrency Monitoring',
    rule: 'So many active streams for an account; the new one is refused (LIFO)',
    policies: [policy([{ rule: 'streams', max: 2 }])],
    scenario: `
      0 start a tv -> allow a 1/2
      1 start b phone -> allow b 2/2
      2 start c tablet -> deny c concurrency-limit 2/2 by p/streams conflicts a b retry 23; stop c concurrency-limit
      3 stop a ->
      3 start d tablet -> allow d 2/2
    `,
  },
  {
    product: 'Adobe Concurrency Monitoring',
    rule: 'The latest wins (FIFO)',
    policies: [policy([{ rule: 'latest', max: 1, strategy: 'end-oldest' }])],
    scenario: `
      0 start a tv -> allow a 1/1
      1 start b phone -> allow b 1/1 ends a; stop a newer-stream
      2 look a -> ended newer-stream stop beats=0 events=0 last=-1
    `,
  },
  {
    product: 'Adobe Concurrency Monitoring',
    rule: 'So many streams of each device type',
    policies: [policy([{ rule: 'per-type', per: ['deviceType'], max: 1 }])],
    scenario: `
      0 start a tv deviceType=apple-tv -> allow a 1/1
      1 start b phone deviceType=iphone -> allow b 1/1
      2 start c phone-2 deviceType=iphone -> deny c concurrency-limit 1/1 by p/per-type conflicts b retry 24; stop c concurrency-limit
    `,
  },
  {
    product: 'Adobe Concurrency Monitoring',
    rule: 'A limit for live only',
    policies: [policy([{ rule: 'live', where: { kind: ['LIVE'] }, max: 1 }])],
    scenario: `
      0 start a tv kind=LIVE -> allow a 1/1
      1 start b phone kind=VOD -> allow b 2/-
      2 start c tablet kind=LIVE -> deny c concurrency-limit 1/1 by p/live conflicts a retry 23; stop c concurrency-limit
    `,
  },
  {
    product: 'Adobe Concurrency Monitoring',
    rule: 'So many distinct devices',
    policies: [policy([{ rule: 'devices', count: 'device', sameDevice: 'keep', max: 2 }])],
    scenario: `
      0 start a tv -> allow a 1/2
      1 start b tv -> allow b 1/2
      2 start c phone -> allow c 2/2
      3 start d tablet -> deny d concurrency-limit 2/2 by p/devices conflicts a b c retry 23; stop d concurrency-limit
    `,
  },
  {
    product: 'Adobe Concurrency Monitoring',
    rule: 'So many distinct postal areas',
    policies: [policy([{ rule: 'areas', count: 'location', max: 1 }])],
    scenario: `
      0 start a tv location=10115 -> allow a 1/1
      1 start b phone location=10115 -> allow b 1/1
      2 start c tablet location=80331 -> deny c concurrency-limit 1/1 by p/areas conflicts a b retry 24; stop c concurrency-limit
    `,
  },
  {
    product: 'Adobe Concurrency Monitoring',
    rule: 'Home and away: more at home than away',
    policies: [
      policy([
        { rule: 'home', where: { home: ['true'] }, max: 2 },
        { rule: 'away', where: { home: ['false'] }, max: 1 },
      ]),
    ],
    scenario: `
      0 start a tv home=true -> allow a 1/2
      1 start b phone home=false -> allow b 1/1
      2 start c tablet home=false -> deny c concurrency-limit 1/1 by p/away conflicts b retry 24; stop c concurrency-limit
      3 start d tablet home=true -> allow d 2/2
    `,
  },
  {
    product: 'Adobe Concurrency Monitoring',
    rule: 'The viewer chooses which to end, and starts again with its code',
    policies: [policy([{ rule: 'streams', max: 1, strategy: 'ask' }])],
    scenario: `
      0 start a tv -> allow a 1/1
      1 start b phone -> deny b concurrency-limit 1/1 by p/streams conflicts a retry 24; stop b concurrency-limit
      2 start c phone end=a -> allow c 1/1 ends a; stop a viewer-choice
      3 look a -> ended viewer-choice stop beats=0 events=0 last=-1
      4 start d tablet end=a -> deny d concurrency-limit 1/1 by p/streams conflicts c retry 23; stop d concurrency-limit
    `,
  },
  {
    product: 'Adobe Concurrency Monitoring',
    rule: 'Two policies that disagree: "the latest wins" beside "at most two" refuses the third',
    policies: [
      { policy: 'latest', rules: [{ rule: 'latest', max: 2, strategy: 'end-oldest' }] },
      { policy: 'two', rules: [{ rule: 'two', max: 2 }] },
    ],
    scenario: `
      0 start a tv -> allow a 1/2
      1 start b phone -> allow b 2/2
      2 start c tablet -> deny c concurrency-limit 2/2 by two/two conflicts a b retry 23; stop c concurrency-limit
      3 look a -> active beats=0 events=0 last=-1
    `,
  },
  {
    product: 'Adobe Concurrency Monitoring',
    rule: 'A start without an attribute that the policy needs is refused',
    policies: [policy([{ rule: 'channels', per: ['channel'], max: 2, missing: 'refuse' }])],
    scenario: `
      0 start a tv -> deny a missing-attribute 0/2 by p/channels; stop a missing-attribute
      1 start b phone channel=news -> allow b 1/2
    `,
  },
  {
    product: 'Adobe Concurrency Monitoring',
    rule: 'Only streams of the apps that carry the policy',
    policies: [policy([{ rule: 'app', where: { app: ['sports-app'] }, max: 1 }])],
    scenario: `
      0 start a tv appId=sports-app -> allow a 1/1
      1 start b phone appId=other-app -> allow b 2/-
      2 start c tablet appId=sports-app -> deny c concurrency-limit 1/1 by p/app conflicts a retry 23; stop c concurrency-limit
    `,
  },
  {
    product: 'Adobe Concurrency Monitoring',
    rule: 'What a stream started as, it stays: attributes are immutable',
    policies: [policy([{ rule: 'live', where: { kind: ['LIVE'] }, max: 1 }])],
    scenario: `
      0 start a tv kind=VOD -> allow a 1/-
      1 start b phone kind=LIVE -> allow b 1/1
      2 beat a 0 kind=LIVE content=other ->
      3 stop b ->
      4 start c tablet kind=LIVE -> allow c 1/1
    `,
  },
];
