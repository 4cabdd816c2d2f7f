import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { startPlayhead } from '@playhead/start/testing';
import { treeCpuSeconds } from '../cpu-time.ts';
import { ms, percentile } from '../percentile.ts';
import { pinning } from '../pinning.ts';

/**
 * `npm run bench:verdict -- --rate 5000 --seconds 60`: from a beat's post to its sequence in the session's lookup, and
 * admissions beside it, at a steady rate, on a Playhead of its own; the broker's produce → fetch as the floor. Exit code 1
 * when a beat was refused, lost or never seen.
 */
/** Every session begins in it, which costs more than a beat: slower than the beats that are measured. */
const WARM_UP_SECONDS = 25;

interface LoadResult {
  readonly posted: number;
  readonly refused: number;
  readonly unseen: number;
  readonly unchecked: number;
  readonly lost: number;
  readonly sessions: number;
  readonly latenciesMs: readonly number[];
  readonly admissionsMs: readonly number[];
  readonly floorMs: readonly number[];
}

const { values } = parseArgs({
  options: { rate: { type: 'string', default: '500' }, seconds: { type: 'string', default: '30' } },
});
const cores = pinning();
const dataDir = await mkdtemp(join(tmpdir(), 'playhead-bench-'));
const playhead = await startPlayhead({ dataDir, wrap: cores.underTest, env: { LOG_LEVEL: 'warn' } });

try {
  const [command, ...args] = [...cores.load, process.execPath, join(import.meta.dirname, 'load.ts')];
  const settings = [
    playhead.url,
    dataDir,
    `127.0.0.1:${playhead.ports.kafka}`,
    values.rate,
    values.seconds,
    String(WARM_UP_SECONDS),
  ];
  const load = spawn(command ?? process.execPath, [...args, ...settings], { stdio: ['ignore', 'pipe', 'inherit'] });
  let cpuBefore = 0;
  let cpuAfter = 0;
  let result: LoadResult | undefined;
  for await (const line of createInterface({ input: load.stdout })) {
    if (line === 'MEASURING') cpuBefore = treeCpuSeconds(playhead.pid);
    else if (line === 'MEASURED') cpuAfter = treeCpuSeconds(playhead.pid);
    else if (line.startsWith('RESULT ')) result = JSON.parse(line.slice('RESULT '.length)) as LoadResult;
    else console.log(line);
  }
  if (result === undefined) throw new Error('the load ended without a result');
  const { latenciesMs, admissionsMs, floorMs } = result;
  const cpuSeconds = cpuAfter - cpuBefore;
  console.log(cores.described);
  console.log(
    `${result.posted} beats of ${result.sessions} sessions in ${values.seconds} s, ${result.refused} refused, ${latenciesMs.length} observed, ${result.unseen} never seen, ${result.lost} lost`,
  );
  console.log(
    `beat posted → in the lookup: p50 ${ms(percentile(latenciesMs, 0.5))}, p99 ${ms(percentile(latenciesMs, 0.99))}, max ${ms(percentile(latenciesMs, 1))}`,
  );
  console.log(
    `admission:                   p50 ${ms(percentile(admissionsMs, 0.5))}, p99 ${ms(percentile(admissionsMs, 0.99))}, max ${ms(percentile(admissionsMs, 1))} (${admissionsMs.length} starts, ${result.unchecked} unchecked)`,
  );
  console.log(
    `broker's produce → fetch:    p50 ${ms(percentile(floorMs, 0.5))}, p99 ${ms(percentile(floorMs, 0.99))}, max ${ms(percentile(floorMs, 1))} (${floorMs.length} records)`,
  );
  console.log(
    `CPU of services and broker: ${cpuSeconds.toFixed(1)} s (${((100 * cpuSeconds) / Number(values.seconds)).toFixed(0)} % of a core)`,
  );
  if (result.refused > 0 || result.unseen > 0 || result.lost > 0 || latenciesMs.length === 0) process.exitCode = 1;
} finally {
  await playhead.stop();
  await rm(dataDir, { recursive: true, force: true });
}
