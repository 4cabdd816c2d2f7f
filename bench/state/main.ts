import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeEnvironment, describeLoad } from '../environment.ts';
import type { Measured } from './run-state.ts';

/**
 * `npm run bench:state`: a task whose stores are in LMDB, alone, without a broker. Opens a store of many sessions, and processes records of a session count and of a stream-stream join: what a record costs in
 * CPU of all threads, commits included. Every measurement is a process of its own.
 */
const { values: options } = parseArgs({
  options: {
    sessions: { type: 'string', default: '1000000' },
    records: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '3' },
  },
});

const numberOf = (name: keyof typeof options): number => {
  const number = Number(options[name]);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new RangeError(`--${name} ${options[name]}; allowed: whole numbers from 1`);
};
const sessions = numberOf('sessions');
const records = numberOf('records');
const rounds = numberOf('rounds');

function run(what: string, stateDir: string): Measured {
  const given = ['--expose-gc', join(import.meta.dirname, 'run-state.ts'), what, stateDir, `${sessions}`, `${records}`];
  const { stdout, status, stderr } = spawnSync(process.execPath, given, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${what} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Measured;
}

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

const stateDir = mkdtempSync(join(tmpdir(), 'bench-state-'));
try {
  console.log(describeEnvironment());
  const filled = run('fill', stateDir);
  console.log(`filled with ${sessions} sessions: ${filled.cpuMicros.toFixed(1)} µs of CPU a session`);
  for (let round = 0; round < rounds; round++) {
    const opened = run('open', stateDir);
    console.log(
      `opened in ${opened.openMs.toFixed(0)} ms; resident ${mib(opened.residentBefore)} before, ${mib(opened.residentAfter)} after; heap and buffers ${mib(opened.heapAfter)}`,
    );
    for (const what of ['any-session', 'hot-sessions', 'join', 'join-in-memory']) {
      const directory = mkdtempSync(join(tmpdir(), 'bench-state-'));
      if (!what.startsWith('join')) cpSync(stateDir, directory, { recursive: true });
      const { cpuMicros, outputs } = run(what, directory);
      console.log(`${what}: ${cpuMicros.toFixed(1)} µs of CPU a record; ${outputs} outputs; ${describeLoad()}`);
      rmSync(directory, { recursive: true, force: true });
    }
  }
} finally {
  rmSync(stateDir, { recursive: true, force: true });
}
