import { expect, test } from '@jest/globals';
import { play, rowsOf } from './scenario.ts';
import { TaskBench } from './task-bench.ts';

/** Stream b was warned, and its lease ended within the grace. */
const LAPSED_IN_GRACE = `
      0 policy {"policy":"p","rules":[{"rule":"one","max":1,"grace":{"streams":1,"forMs":60000}}]} ->
      0 start a tv -> allow a 1/1
      1 start b phone -> allow b grace 2/1 until 61; warn b grace
      20 beat a 0 ->
      27 beat a 1 -> forget b
      40 beat a 2 ->
`;

test.each<[string, string]>([
  [
    'a grace was cut short when the stream was judged for another reason',
    `
      0 policy {"policy":"p","rules":[{"rule":"one","max":1,"paused":"free","grace":{"streams":1,"forMs":60000}}]} ->
      0 start a tv -> allow a 1/1
      1 start b phone -> allow b grace 2/1 until 61; warn b grace
      8 beat a 0 ->
      9 beat b 0 state=PAUSED ->
      12 beat b 1 -> check allow b grace 2/1 until 61; warn b grace
      30 beat a 1 ->
      30 beat b 2 ->
      50 beat a 2 ->
      50 beat b 3 ->
      61 beat b 4 -> check deny b concurrency-limit 1/1 by p/one conflicts a retry 14; stop b concurrency-limit
    `,
  ],
  [
    'a grace did not go on when the stream came back within it, and began anew',
    `
      ${LAPSED_IN_GRACE}
      41 beat b 0 -> reopen allow b grace 2/1 until 61; warn b grace
      60 beat a 3 ->
      61 beat b 1 -> check deny b concurrency-limit 1/1 by p/one conflicts a retry 24; stop b concurrency-limit
    `,
  ],
  [
    'a session got a grace again and again by letting its lease end',
    `
      ${LAPSED_IN_GRACE}
      62 beat a 3 ->
      63 beat b 0 -> reopen deny b concurrency-limit 1/1 by p/one conflicts a retry 24; stop b concurrency-limit
    `,
  ],
  [
    'the grace of a stream that was opened by a beat was forgotten once it was judged',
    `
      0 policy {"policy":"p","rules":[{"rule":"one","max":1,"grace":{"streams":1,"forMs":20000}}]} ->
      0 start a tv -> allow a 1/1
      1 beat b 0 -> reopen allow b grace 2/1 until 21; warn b grace
      15 beat a 0 ->
      16 beat b 1 ->
      21 beat b 2 -> check deny b concurrency-limit 1/1 by p/one conflicts a retry 19; stop b concurrency-limit
      22 start c laptop -> deny c concurrency-limit 1/1 by p/one conflicts a retry 18; stop c concurrency-limit
    `,
  ],
  [
    'a stream that went on after a pause was stopped although its account had a grace for another one',
    `
      0 policy {"policy":"p","rules":[{"rule":"one","max":1,"paused":"free","grace":{"streams":1,"forMs":60000}}]} ->
      0 start a tv -> allow a 1/1
      1 start b phone -> allow b grace 2/1 until 61; warn b grace
      10 beat a 0 state=PAUSED ->
      11 beat b 0 ->
      20 beat a 1 -> check allow a grace 2/1 until 61; warn a grace
      30 beat b 1 ->
      40 beat a 2 ->
      50 beat b 2 ->
      60 beat a 3 ->
      61 beat b 3 -> check deny b concurrency-limit 1/1 by p/one conflicts a retry 24; stop b concurrency-limit
      65 beat a 4 -> continue a; check allow a 1/1
    `,
  ],
  [
    'a stream that went on after a pause took the rest of a grace that had ended well meanwhile, and no more',
    `
      0 policy {"policy":"p","rules":[{"rule":"one","max":1,"paused":"free","grace":{"streams":1,"forMs":60000}}]} ->
      0 start a tv -> allow a 1/1
      1 start b phone -> allow b grace 2/1 until 61; warn b grace
      10 beat a 0 state=PAUSED ->
      11 beat b 0 state=PAUSED ->
      12 beat b 1 -> continue b; check allow b 1/1
      20 beat a 1 -> check allow a grace 2/1 until 61; warn a grace
      30 beat b 2 ->
      40 beat a 2 ->
      50 beat b 3 ->
      60 beat a 3 ->
      61 beat b 4 ->
      62 beat a 4 -> check deny a concurrency-limit 1/1 by p/one conflicts b retry 24; stop a concurrency-limit
    `,
  ],
  [
    'a stream that goes on is stopped where the grace of its account allows no more',
    `
      0 policy {"policy":"p","rules":[{"rule":"one","max":1,"paused":"free","grace":{"streams":1,"forMs":60000}}]} ->
      0 start a tv -> allow a 1/1
      1 beat a 0 state=PAUSED ->
      2 start b phone -> allow b 1/1
      3 start c tablet -> allow c grace 2/1 until 63; warn c grace
      4 beat a 1 -> check deny a concurrency-limit 2/1 by p/one conflicts b c retry 24; stop a concurrency-limit
    `,
  ],
  [
    'a rule with a warm-up never gave its grace, because it does not count a stream at its start',
    `
      0 policy {"policy":"p","rules":[{"rule":"one","max":1,"warmUp":{"ms":5000},"grace":{"streams":1,"forMs":20000}}]} ->
      0 start a tv -> allow a 1/-
      6 beat a 0 -> check allow a 1/1
      7 start b phone -> allow b 2/-
      13 beat b 0 -> check allow b grace 2/1 until 33; warn b grace
      20 beat a 1 ->
      30 beat b 1 ->
      33 beat b 2 -> check deny b concurrency-limit 1/1 by p/one conflicts a retry 12; stop b concurrency-limit
    `,
  ],
  [
    'the end of the warm-up of one rule gave the grace of another, to a stream that went on after a pause',
    `
      0 policy {"policy":"p","rules":[{"rule":"warm","max":5,"warmUp":{"ms":10000}},{"rule":"one","max":1,"paused":"free","grace":{"streams":1,"forMs":20000}}]} ->
      0 start a tv -> allow a 1/1
      1 event a 0 state=PAUSED ->
      2 start b phone -> allow b 1/1
      11 beat a 0 state=PLAYING -> check deny a concurrency-limit 1/1 by p/one conflicts b retry 16; stop a concurrency-limit
    `,
  ],
  [
    'a device could not go to another channel while its account had a grace: what it had and what it had been lent were both refused',
    `
      0 policy {"policy":"p","rules":[{"rule":"one","max":1,"grace":{"streams":1,"forMs":60000}}]} ->
      0 start a tv -> allow a 1/1
      1 start b phone -> allow b grace 2/1 until 61; warn b grace
      10 start c tv -> allow c grace 2/1 until 61 replaces a; stop a replaced; warn c grace
      11 start d phone -> allow d grace 2/1 until 61 replaces b; stop b replaced; warn d grace
      12 start e laptop -> deny e concurrency-limit 2/1 by p/one conflicts c d retry 24; stop e concurrency-limit
      30 beat c 0 ->
      31 beat d 0 ->
      50 beat c 1 ->
      51 beat d 1 ->
      61 beat d 2 -> check deny d concurrency-limit 1/1 by p/one conflicts c retry 14; stop d concurrency-limit
      62 beat c 2 -> continue c; check allow c 1/1
    `,
  ],
])('%s', async (_name, lines) => {
  expect(await play(lines, () => TaskBench.open())).toBe(rowsOf(lines).join('\n'));
});
