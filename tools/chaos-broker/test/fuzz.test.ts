import { expect, test } from '@jest/globals';
import { fuzz } from '../src/fuzz/fuzz.ts';

const FRAMES = 3000;
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
const MEMORY_ALLOWANCE_BYTES = 16 * 1024 * 1024;

test(`${FRAMES} bad frames of every API and version neither end the broker, nor leak, nor harm another client`, async () => {
  process.stderr.write(`fuzz seed ${SEED} (set FUZZ_SEED to repeat)\n`);
  const { outcomes, frameKinds, steadyRecords, memoryBeforeBytes, memoryAfterBytes } = await fuzz({
    frames: FRAMES,
    seed: SEED,
  });
  expect(frameKinds).toBeGreaterThan(100);
  expect(outcomes.answered + outcomes.refused + outcomes.waiting).toBe(FRAMES);
  expect(outcomes.answered).toBeGreaterThan(FRAMES / 20);
  expect(outcomes.refused).toBeGreaterThan(FRAMES / 20);
  expect(steadyRecords).toBeGreaterThan(10);
  expect(memoryAfterBytes - memoryBeforeBytes).toBeLessThan(MEMORY_ALLOWANCE_BYTES);
}, 120_000);
