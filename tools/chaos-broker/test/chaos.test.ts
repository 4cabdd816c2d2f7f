import { expect, test } from '@jest/globals';
import { chaos } from '../src/chaos/chaos.ts';

const SEED = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);

test('a broker that is killed under load has what it acknowledged, once, in order, whole', async () => {
  process.stderr.write(`chaos seed ${SEED} (set CHAOS_SEED to repeat)\n`);
  const { findings, inFlight } = await chaos({ kills: 4, seed: SEED });
  expect(findings.descriptions).toEqual([]);
  expect(inFlight).toBeGreaterThanOrEqual(2);
}, 120_000);
