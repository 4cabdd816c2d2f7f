import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { selfTimes } from '../driver/profile-table.ts';

/** Prints where the CPU profiles of `npm run bench:streams -- --profile` spent their time: self time by function, the largest first. */
const ROWS = 15;
const folder = join(import.meta.dirname, '../profiles');

for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
  // Waiting costs nothing.
  const parts = selfTimes(join(folder, file)).filter(({ name }) => name !== '(idle)');
  const total = parts.reduce((sum, { amount }) => sum + amount, 0);
  const percent = (amount: number): string => `${((100 * amount) / total).toFixed(1).padStart(5)} %`;
  console.log(`\n${file}: ${(total / 1e6).toFixed(1)} s of work`);
  for (const { name, amount } of parts.slice(0, ROWS)) console.log(`${percent(amount)}  ${name}`);
  // The record codec of kafkajs, which our own job must not touch.
  const codec = parts.filter(({ name }) => /(recordBatch|message|crc32|decoder|encoder)\/?.*\.js/i.test(name));
  const kafkajs = codec.reduce((sum, { amount }) => sum + amount, 0);
  console.log(`${percent(kafkajs)}  of all in kafkajs's record codec`);
}
