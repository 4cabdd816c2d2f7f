import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Prints where the CPU profiles of `npm run bench:streams -- --profile` spent their time: self time by function, the largest first. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const ROWS = 25;
const folder = join(import.meta.dirname, '../profiles');

for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
  const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile;
  /** The record codec of kafkajs, which our own job must not touch. */
  const codec = new Set(
    profile.nodes
      .filter(({ callFrame }) =>
        /kafkajs\/src\/protocol\/(recordBatch|message|crc32|decoder|encoder)/i.test(callFrame.url),
      )
      .map(({ id }) => id),
  );
  let codecTime = 0;
  const frames = new Map(
    profile.nodes.map(({ id, callFrame }) => [
      id,
      `${callFrame.functionName || '(anonymous)'} ${callFrame.url.split('/').slice(-2).join('/')}`,
    ]),
  );
  const self = new Map<string, number>();
  for (const [index, id] of profile.samples.entries()) {
    if (codec.has(id)) codecTime += profile.timeDeltas[index] ?? 0;
    const frame = frames.get(id) ?? '?';
    self.set(frame, (self.get(frame) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  const total = [...self.values()].reduce((sum, time) => sum + time, 0);
  console.log(`\n${file}: ${(total / 1e6).toFixed(1)} s`);
  for (const [frame, time] of [...self].sort((a, b) => b[1] - a[1]).slice(0, ROWS)) {
    console.log(`${((100 * time) / total).toFixed(1).padStart(5)} %  ${frame}`);
  }
  console.log(`${((100 * codecTime) / total).toFixed(1).padStart(5)} %  of all in kafkajs's record codec`);
}
