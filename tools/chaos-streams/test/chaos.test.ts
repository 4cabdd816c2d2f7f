import { expect, test } from '@jest/globals';
import { chaos } from '../src/chaos.ts';
import type { ChaosOptions } from '../src/options.ts';
import { isKept, reportLines } from '../src/report.ts';

const TIMEOUT_MS = 300_000;

test(
  'an application that is killed five times, frozen and cut off loses and repeats nothing under exactly_once',
  async () => {
    const options: ChaosOptions = {
      seed: Date.now() % 1_000_000,
      kills: 5,
      guarantee: 'exactly_once',
      store: 'lmdb',
      broker: 'embedded',
      bootstrap: undefined,
      timeScale: 0.1,
      rate: 2_000,
      inPlace: false,
      standbys: 1,
      keep: false,
    };
    console.log(`seed ${options.seed}`);
    const report = await chaos(options, () => undefined);
    if (!isKept(options, report)) throw new Error(reportLines(options, report).join('\n'));
    expect(report.faults.kills).toBe(5);
    expect(report.aborted).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
