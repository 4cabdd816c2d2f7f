import { ADOBE_RULES } from './adobe-rules.ts';
import { policy } from './product-rule.ts';
import type { ProductRule } from './product-rule.ts';

/** What the products offer: domain.md §1.1 and §1.2. The documentation lists the same rows. */
export const PRODUCT_RULES: readonly ProductRule[] = [
  ...ADOBE_RULES,
  {
    product: 'Brightcove (no DRM)',
    rule: "The limit stands in the viewer's token (climit)",
    policies: [policy([{ rule: 'climit', max: { from: 'token', otherwise: 1 } }])],
    scenario: `
      0 start a tv token=2 -> allow a 1/2
      1 start b phone token=2 -> allow b 2/2
      2 start c tablet token=2 -> deny c concurrency-limit 2/2 by p/climit conflicts a b retry 23; stop c concurrency-limit
    `,
  },
  {
    product: 'Brightcove (no DRM)',
    rule: 'Switched off: no limit (204)',
    policies: [policy([{ rule: 'none', max: { from: 'token' } }])],
    scenario: `
      0 start a tv -> allow a 1/-
      1 start b phone -> allow b 2/-
      2 start c tablet -> allow c 3/-
    `,
  },
  {
    product: 'Brightcove (DRM)',
    rule: 'Stop the oldest (its default)',
    policies: [policy([{ rule: 'streams', max: { from: 'entitlement' }, strategy: 'end-oldest' }])],
    scenario: `
      0 start a tv -> allow a 1/2
      1 start b phone -> allow b 2/2
      2 start c tablet -> allow c 2/2 ends a; stop a newer-stream
    `,
  },
  {
    product: 'Brightcove (DRM)',
    rule: 'BLOCK_NEW: refuse a new stream',
    policies: [policy([{ rule: 'streams', max: { from: 'entitlement' }, strategy: 'block-new' }])],
    scenario: `
      0 start a tv -> allow a 1/2
      1 start b phone -> allow b 2/2
      2 start c tablet -> deny c concurrency-limit 2/2 by p/streams conflicts a b retry 23; stop c concurrency-limit
    `,
  },
  {
    product: 'Brightcove (DRM)',
    rule: 'BLOCK_NEW_USER: refuse a new viewer (device), let one have several streams',
    policies: [policy([{ rule: 'viewers', count: 'device', sameDevice: 'keep', max: 1 }])],
    scenario: `
      0 start a tv -> allow a 1/1
      1 start b tv -> allow b 1/1
      2 start c phone -> deny c concurrency-limit 1/1 by p/viewers conflicts a b retry 24; stop c concurrency-limit
    `,
  },
  {
    product: 'Axinom',
    rule: 'concurrency_limit 1 to 6 of a user, BLOCK_NEW_DEVICE',
    policies: [policy([{ rule: 'user', count: 'device', per: ['profile'], max: 1 }])],
    scenario: `
      0 start a tv profile=ann -> allow a 1/1
      1 start b phone profile=ben -> allow b 1/1
      2 start c tablet profile=ann -> deny c concurrency-limit 1/1 by p/user conflicts a retry 23; stop c concurrency-limit
    `,
  },
  {
    product: 'Axinom',
    rule: 'Interval 300 s and grace 60 s: a slot whose renewals stop frees itself',
    policies: [policy([{ rule: 'streams', max: 1 }])],
    scenario: `
      0 settings {"heartbeatIntervalMs":300000,"heartbeatGraceMs":60000} ->
      0 start a tv -> allow a 1/1
      359 start b phone -> deny b concurrency-limit 1/1 by p/streams conflicts a retry 1; stop b concurrency-limit
      360 start c phone -> allow c 1/1
    `,
  },
  {
    product: 'castLabs',
    rule: '3 a user, and 2 on the same asset',
    policies: [
      policy([
        { rule: 'user', max: 3 },
        { rule: 'asset', per: ['content'], max: 2 },
      ]),
    ],
    scenario: `
      0 start a tv content=film-1 -> allow a 1/2
      1 start b phone content=film-1 -> allow b 2/2
      2 start c tablet content=film-1 -> deny c concurrency-limit 2/2 by p/asset conflicts a b retry 23; stop c concurrency-limit
      3 start d tablet content=film-2 -> allow d 3/3
      4 start e laptop content=film-3 -> deny e concurrency-limit 3/3 by p/user conflicts a b d retry 21; stop e concurrency-limit
    `,
  },
  {
    product: 'PallyCon',
    rule: 'So many streams of a user on each site',
    policies: [policy([{ rule: 'site', per: ['app'], max: 1 }])],
    scenario: `
      0 start a tv appId=site-1 -> allow a 1/1
      1 start b phone appId=site-2 -> allow b 1/1
      2 start c tablet appId=site-1 -> deny c concurrency-limit 1/1 by p/site conflicts a retry 23; stop c concurrency-limit
    `,
  },
  {
    product: 'PallyCon',
    rule: 'A licence renewal every 10 min holds the slot; none, none',
    policies: [policy([{ rule: 'streams', max: 1 }])],
    scenario: `
      0 evidence a LICENCE_RENEWAL lease=660 -> reopen allow a 1/1
      600 evidence a LICENCE_RENEWAL lease=660 ->
      1259 start b phone -> deny b concurrency-limit 1/1 by p/streams conflicts a retry 1; stop b concurrency-limit
      1260 start c phone -> allow c 1/1
    `,
  },
  {
    product: 'PlayReady',
    rule: 'Secure Stop frees the slot at once, also when it comes again',
    policies: [policy([{ rule: 'streams', max: 1 }])],
    scenario: `
      0 start a tv -> allow a 1/1
      1 stop a ->
      1 start b phone -> allow b 1/1
      2 stop a ->
      2 look b -> active beats=0 events=0 last=-1
    `,
  },
  {
    product: 'PlayReady',
    rule: 'Limited-duration licence: 60 s, renewed at 30 s',
    policies: [policy([{ rule: 'streams', max: 1 }])],
    scenario: `
      0 evidence a LICENCE_RENEWAL lease=60 -> reopen allow a 1/1
      30 evidence a LICENCE_RENEWAL lease=60 ->
      89 start b phone -> deny b concurrency-limit 1/1 by p/streams conflicts a retry 1; stop b concurrency-limit
      90 start c phone -> allow c 1/1
    `,
  },
  {
    product: 'NAGRA SSP',
    rule: 'Switched on for some contents only',
    policies: [policy([{ rule: 'premium', where: { package: ['premium'] }, max: 1 }])],
    scenario: `
      0 start a tv package=premium -> allow a 1/1
      1 start b phone package=basic -> allow b 2/-
      2 start c tablet package=premium -> deny c concurrency-limit 1/1 by p/premium conflicts a retry 23; stop c concurrency-limit
    `,
  },
  {
    product: 'NAGRA SSP',
    rule: 'A stream found to be pirated is killed',
    policies: [policy([{ rule: 'streams', max: 2 }])],
    scenario: `
      0 start a tv -> allow a 1/2
      1 terminate a -> terminated a; stop a terminated
      2 beat a 0 ->
      2 look a -> ended terminated stop beats=1 events=0 last=0
    `,
  },
  {
    product: 'Cleeng',
    rule: 'A pool of device ids, each kept for 3 h; a content group has a pool of its own',
    policies: [policy([{ rule: 'pool', count: 'device', per: ['package'], max: 1, keepMs: 10_800_000 }])],
    scenario: `
      0 start a tv package=films -> allow a 1/1
      1 stop a ->
      2 start b phone package=films -> deny b concurrency-limit 1/1 by p/pool retry 10798; stop b concurrency-limit
      3 start c phone package=sport -> allow c 1/1
      10799 start d phone package=films -> deny d concurrency-limit 1/1 by p/pool retry 1; stop d concurrency-limit
      10800 start e phone package=films -> allow e 1/1
    `,
  },
  {
    product: 'Kaltura',
    rule: "A household's concurrent limit and device limit; a device's place is free again only after 30 days",
    policies: [
      policy([
        { rule: 'concurrent', max: 2 },
        { rule: 'devices', count: 'device', max: 2, keepMs: 2_592_000_000 },
      ]),
    ],
    scenario: `
      0 start a tv -> allow a 1/2
      1 start b phone -> allow b 2/2
      2 stop b ->
      3 start c tablet -> deny c concurrency-limit 2/2 by p/devices conflicts a retry 2591997; stop c concurrency-limit
      4 start d phone -> allow d 2/2
      5 stop d ->
      2592003 start e tablet -> forget c; allow e 2/2
      2592003 start f laptop -> deny f concurrency-limit 2/2 by p/devices conflicts e retry 1; stop f concurrency-limit
      2592004 start g laptop -> allow g 2/2
    `,
  },
  {
    product: 'Plex',
    rule: 'An operator ends a stream, and the answer to its next beat says so',
    policies: [policy([{ rule: 'streams', max: 2 }])],
    scenario: `
      0 start a tv -> allow a 1/2
      10 terminate a -> terminated a; stop a terminated
      10 beat a 0 ->
      10 look a -> ended terminated stop beats=1 events=0 last=0
    `,
  },
  {
    product: 'Netflix',
    rule: 'The plan says how many: basic 1, standard 2, premium 4',
    policies: [policy([{ rule: 'plan', max: { plans: { basic: 1, standard: 2, premium: 4 }, otherwise: 1 } }])],
    scenario: `
      0 plan standard ->
      0 start a tv -> allow a 1/2
      1 start b phone -> allow b 2/2
      2 start c tablet -> deny c concurrency-limit 2/2 by p/plan conflicts a b retry 23; stop c concurrency-limit
      3 plan premium ->
      4 start d tablet -> allow d 3/4
    `,
  },
  {
    product: 'Disney+',
    rule: 'Four for everybody',
    policies: [policy([{ rule: 'four', max: 4 }])],
    scenario: `
      0 start a tv -> allow a 1/4
      1 start b phone -> allow b 2/4
      2 start c tablet -> allow c 3/4
      3 start d laptop -> allow d 4/4
      4 start e tv-2 -> deny e concurrency-limit 4/4 by p/four conflicts a b c d retry 21; stop e concurrency-limit
    `,
  },
];
