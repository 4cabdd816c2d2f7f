import { DIMENSION_RULES } from './dimension-rules.ts';
import { policy } from './product-rule.ts';
import type { ProductRule } from './product-rule.ts';

/** What a complete engine has to express: the dimensions, actions and modifiers of domain.md §1.3. The documentation lists the same rows. */
export const MODIFIER_RULES: readonly ProductRule[] = [
  ...DIMENSION_RULES,
  {
    product: 'Action',
    rule: 'Deny the new one',
    policies: [policy([{ rule: 'one', max: 1, strategy: 'block-new' }])],
    scenario: `
      0 start a tv -> allow a 1/1
      1 start b phone -> deny b concurrency-limit 1/1 by p/one conflicts a retry 24; stop b concurrency-limit
    `,
  },
  {
    product: 'Action',
    rule: 'End the oldest',
    policies: [policy([{ rule: 'two', max: 2, strategy: 'end-oldest' }])],
    scenario: `
      0 start a tv -> allow a 1/2
      1 start b phone -> allow b 2/2
      2 beat a 0 ->
      3 start c tablet -> allow c 2/2 ends a; stop a newer-stream
    `,
  },
  {
    product: 'Action',
    rule: 'End the one least recently active',
    policies: [policy([{ rule: 'two', max: 2, strategy: 'end-least-recent' }])],
    scenario: `
      0 start a tv -> allow a 1/2
      1 start b phone -> allow b 2/2
      2 beat a 0 ->
      3 start c tablet -> allow c 2/2 ends b; stop b newer-stream
    `,
  },
  {
    product: 'Action',
    rule: 'End a paused one first',
    policies: [policy([{ rule: 'two', max: 2, strategy: 'end-paused-first' }])],
    scenario: `
      0 start a tv -> allow a 1/2
      1 start b phone -> allow b 2/2
      2 beat b 0 state=PAUSED ->
      3 start c tablet -> allow c 2/2 ends b; stop b newer-stream
    `,
  },
  {
    product: 'Action',
    rule: 'Ask the viewer which to end',
    policies: [policy([{ rule: 'one', max: 1, strategy: 'ask' }])],
    scenario: `
      0 start a tv -> allow a 1/1
      1 start b phone -> deny b concurrency-limit 1/1 by p/one conflicts a retry 24; stop b concurrency-limit
      2 start c phone end=a -> allow c 1/1 ends a; stop a viewer-choice
    `,
  },
  {
    product: 'Action',
    rule: 'Shadow: count what would be refused, refuse nothing; the limit of the plan goes on',
    policies: [policy([{ rule: 'one', max: 1 }], { mode: 'shadow' })],
    scenario: `
      0 start a tv -> allow a 1/2
      1 start b phone -> allow b 2/2 shadow p
      2 start c tablet -> deny c concurrency-limit 2/2 shadow p conflicts a b retry 23; stop c concurrency-limit
    `,
  },
  {
    product: 'Action',
    rule: 'The whole tenant in shadow, for a peak night',
    policies: [policy([{ rule: 'one', max: 1 }])],
    scenario: `
      0 settings {"enforcement":"SHADOW"} ->
      0 start a tv -> allow a 1/-
      1 start b phone -> allow b 2/- shadow p
      2 settings {"enforcement":"ENFORCE"} ->
      3 start c tablet -> deny c concurrency-limit 2/1 by p/one conflicts a b retry 23; stop c concurrency-limit
    `,
  },
  {
    product: 'Modifier',
    rule: 'Grace: one more for 60 s, warned, then judged; not again at once',
    policies: [policy([{ rule: 'one', max: 1, grace: { streams: 1, forMs: 60_000 } }])],
    scenario: `
      0 start a tv -> allow a 1/1
      1 start b phone -> allow b grace 2/1 until 61; warn b grace
      2 start c tablet -> deny c concurrency-limit 2/1 by p/one conflicts a b retry 24; stop c concurrency-limit
      20 beat a 0 ->
      20 beat b 0 ->
      40 beat a 1 ->
      40 beat b 1 ->
      60 beat a 2 ->
      61 beat b 2 -> check deny b concurrency-limit 1/1 by p/one conflicts a retry 24; stop b concurrency-limit
      62 start d phone -> deny d concurrency-limit 1/1 by p/one conflicts a retry 23; stop d concurrency-limit
      70 stop a ->
      71 start e phone -> allow e 1/1
    `,
  },
  {
    product: 'Modifier',
    rule: 'Grace that ends well: the warning is taken back',
    policies: [policy([{ rule: 'one', max: 1, grace: { streams: 1, forMs: 20_000 } }])],
    scenario: `
      0 start a tv -> allow a 1/1
      1 start b phone -> allow b grace 2/1 until 21; warn b grace
      10 stop a ->
      11 beat b 0 ->
      21 beat b 1 -> continue b; check allow b 1/1
    `,
  },
  {
    product: 'Modifier',
    rule: 'Warm-up: the first 2 beats do not count, so zapping costs nothing; then the stream is judged',
    policies: [policy([{ rule: 'one', max: 1, warmUp: { beats: 2 } }])],
    scenario: `
      0 start a tv -> allow a 1/-
      10 beat a 0 ->
      20 beat a 1 -> check allow a 1/1
      21 start b phone -> allow b 2/-
      30 beat b 0 ->
      30 beat a 2 ->
      40 beat b 1 -> check deny b concurrency-limit 1/1 by p/one conflicts a retry 15; stop b concurrency-limit
    `,
  },
  {
    product: 'Modifier',
    rule: 'Warm-up by time',
    policies: [policy([{ rule: 'one', max: 1, warmUp: { ms: 15_000 } }])],
    scenario: `
      0 start a tv -> allow a 1/-
      5 start b phone -> allow b 2/-
      10 beat a 0 ->
      14 beat b 0 ->
      16 beat a 1 -> check allow a 1/1
      20 beat b 1 -> check deny b concurrency-limit 1/1 by p/one conflicts a retry 21; stop b concurrency-limit
    `,
  },
  {
    product: 'Modifier',
    rule: 'A paused stream does not count; going on, it is judged',
    policies: [policy([{ rule: 'one', max: 1, paused: 'free' }])],
    scenario: `
      0 start a tv -> allow a 1/1
      10 beat a 0 state=PAUSED ->
      11 start b phone -> allow b 1/1
      20 beat a 1 state=PAUSED ->
      30 beat a 2 -> check deny a concurrency-limit 1/1 by p/one conflicts b retry 6; stop a concurrency-limit
    `,
  },
  {
    product: 'Modifier',
    rule: 'A stream that was paused for 30 s does not count',
    policies: [policy([{ rule: 'one', max: 1, paused: { freeAfterMs: 30_000 } }])],
    scenario: `
      0 start a tv -> allow a 1/1
      10 beat a 0 state=PAUSED ->
      20 start b phone -> deny b concurrency-limit 1/1 by p/one conflicts a retry 15; stop b concurrency-limit
      30 beat a 1 state=PAUSED ->
      40 beat a 2 state=PAUSED ->
      41 start c phone -> allow c 1/1
    `,
  },
  {
    product: 'Modifier',
    rule: 'The same device replaces its own session',
    policies: [policy([{ rule: 'one', max: 1, sameDevice: 'replace' }])],
    scenario: `
      0 start a tv -> allow a 1/1
      1 start b tv -> allow b 1/1 replaces a; stop a replaced
    `,
  },
  {
    product: 'Modifier',
    rule: 'The same device keeps its sessions, each counts',
    policies: [policy([{ rule: 'one', max: 1, sameDevice: 'keep' }])],
    scenario: `
      0 start a tv -> allow a 1/1
      1 start b tv -> deny b concurrency-limit 1/1 by p/one conflicts a retry 24; stop b concurrency-limit
    `,
  },
  {
    product: 'Modifier',
    rule: 'Exempt content (trailers, advertising) holds no slot and ends nothing',
    policies: [policy([{ rule: 'one', max: 1 }])],
    scenario: `
      0 start a tv -> allow a 1/1
      1 start b tv exempt -> allow b 1/-
      2 start c phone exempt -> allow c 1/-
      3 start d tablet -> deny d concurrency-limit 1/1 by p/one conflicts a retry 22; stop d concurrency-limit
      4 stop a ->
      5 start e tablet -> allow e 1/1
    `,
  },
  {
    product: 'Modifier',
    rule: 'Exempt content counts where a rule says so',
    policies: [policy([{ rule: 'one', max: 1, exempt: 'count' }])],
    scenario: `
      0 start a tv exempt -> allow a 1/1
      1 start b phone -> deny b concurrency-limit 1/1 by p/one conflicts a retry 24; stop b concurrency-limit
    `,
  },
  {
    product: 'Modifier',
    rule: 'A download plays without a slot: history',
    policies: [policy([{ rule: 'one', max: 1 }])],
    scenario: `
      0 start a tv downloaded -> allow a 0/2 unchecked
      1 start b phone -> allow b 1/1
    `,
  },
];
