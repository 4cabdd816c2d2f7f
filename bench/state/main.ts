import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine, numberOption, optionsOrExit } from '@playhead/chaos-streams/testing';
import { describeEnvironment, describeLoad } from '../environment.ts';
import type { Measured } from './run-state.ts';

/**
 * `npm run bench:state`: a task whose stores are in LMDB, alone, without a broker. Opens a store of many sessions, and processes records of a session count and of a stream-stream join: what a record costs in
 * CPU of all threads, commits included. Every measurement is a process of its own.
 */
const HELP = `Tasks whose stores are in LMDB, without a broker: what a record costs in CPU of all threads, commits included.

Usage: npm run bench:state -- [options]

  --sessions N   sessions that the store is filled with (1000000)
  --records N    records of each measurement (200000)
  --rounds N     how often all is measured (3)
  --help         this text

  opened           the filled store by a new process: time, resident memory before and after, heap and buffers
  any-session      a session count whose records are of any of the sessions
  hot-sessions     the same, of few of them
  join             a stream-stream join with its windows in LMDB
  join-in-memory   the same join with its windows in memory
Every measurement is a process of its own. Exit code 2: an option is wrong.`;

const options = commandLine(HELP, {
  sessions: { type: 'string', default: '1000000' },
  records: { type: 'string', default: '200000' },
  rounds: { type: 'string', default: '3' },
});
const numberOf = (name: 'sessions' | 'records' | 'rounds'): number =>
  optionsOrExit(() => numberOption(`--${name}`, options[name], 1, 1_000_000_000));
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
