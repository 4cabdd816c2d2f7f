import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { commandLine } from '@playhead/chaos-streams/testing';
import type { ContestantResult } from './contestant.ts';
import { prepareJavaPeer } from './java-peer.ts';
import type { JavaPeer } from './java-peer.ts';
import { allocations, selfTimes } from './profile-table.ts';
import { CASES, SEED } from './workload.ts';
import type { CaseName } from './workload.ts';

/**
 * `npm run bench:driver`: records per CPU-second of the TopologyTestDriver for a stateless chain, a windowed count and a stream-stream join, beside the same work as a loop by hand and,
 * with `--peer java`, beside Kafka Streams' own driver. Every pass is a process of its own; the contestants take turns.
 */
const HELP = `Records per CPU-second of the TopologyTestDriver, beside the same work as a loop by hand.

Usage: npm run bench:driver -- [options]

  --records N    of a pass (200000)
  --rounds N     passes of each contestant (5)
  --case NAME    stateless, windowed-count or stream-join alone
  --peer java    Kafka Streams' own driver beside it
  --profile      CPU and allocation profiles in bench/profiles instead
  --help         this text

Each line: the median of the rounds (least to most), and the ratio to the loop by hand; then bytes of heap and promises a record.`;

const options = commandLine(HELP, {
  records: { type: 'string', default: '200000' },
  rounds: { type: 'string', default: '5' },
  case: { type: 'string' },
  peer: { type: 'string' },
  /** Writes CPU and allocation profiles of driver and task to bench/profiles instead of measuring. */
  profile: { type: 'boolean', default: false },
});
const records = wholeNumber('records');
const rounds = wholeNumber('rounds');
const cases = CASES.filter((name) => options.case === undefined || options.case === name);
if (cases.length === 0) throw new RangeError(`--case ${options.case}; allowed: ${CASES.join(', ')}`);
if (options.peer !== undefined && options.peer !== 'java')
  throw new RangeError(`--peer ${options.peer}; allowed: java`);
const profiles = join(import.meta.dirname, '../profiles');
const PROFILE_ROWS = 15;

function wholeNumber(name: 'records' | 'rounds'): number {
  const number = Number(options[name]);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new RangeError(`--${name} ${options[name]}; allowed: whole numbers from 1`);
}

function run(command: string, commandArguments: readonly string[]): Promise<ContestantResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArguments, { stdio: ['ignore', 'pipe', 'inherit'] });
    let result: ContestantResult | undefined;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('RESULT ')) result = JSON.parse(line.slice('RESULT '.length)) as ContestantResult;
      else console.log(line);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (result === undefined)
        reject(new Error(`${command} ${commandArguments.join(' ')} ended with ${code} and no result`));
      else resolve(result);
    });
  });
}

const runNode = (contestant: string, name: CaseName, count: number, mode: string) =>
  run(process.execPath, [join(import.meta.dirname, `run-${contestant}.ts`), name, String(count), mode]);

const format = (rate: number): string => Math.round(rate).toLocaleString('en').padStart(10);
const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;

/** Throws when a contestant wrote something else than the first one: then it did not do the same work. */
function requireSameWork(name: CaseName, contestant: string, result: ContestantResult, first: ContestantResult): void {
  if (result.outputs === first.outputs && result.sum === first.sum) return;
  throw new Error(
    `${name}: ${contestant} wrote ${result.outputs} records of sum ${result.sum}, not ${first.outputs} of ${first.sum}`,
  );
}

async function measure(name: CaseName, java: JavaPeer | undefined): Promise<void> {
  const contestants = ['driver', 'task', 'plain', ...(java === undefined ? [] : ['java'])];
  const rates = new Map<string, number[]>(contestants.map((contestant) => [contestant, []]));
  let first: ContestantResult | undefined;
  for (let round = 0; round < rounds; round++) {
    for (const contestant of round % 2 === 0 ? contestants : contestants.toReversed()) {
      const result =
        java !== undefined && contestant === 'java'
          ? await run(java.command, java.arguments(name, records))
          : await runNode(contestant, name, records, 'time');
      requireSameWork(name, contestant, result, (first ??= result));
      rates.get(contestant)?.push(result.records / result.cpuSeconds);
    }
  }
  const ours = median(rates.get('driver') as number[]);
  for (const [contestant, all] of rates) {
    const middle = median(all);
    const spread = `${format(Math.min(...all))} to ${format(Math.max(...all)).trim()}`;
    const ratio = contestant === 'driver' ? '' : `  driver/${contestant} ${(ours / middle).toFixed(2)}`;
    console.log(`${name.padEnd(15)} ${contestant.padEnd(7)}${format(middle)} (${spread.trim()})${ratio}`);
  }
  for (const contestant of ['driver', 'task', 'plain']) {
    const counted = await runNode(contestant, name, records, 'count');
    console.log(
      `${name.padEnd(15)} ${contestant.padEnd(7)}${format(counted.heapBytesPerRecord)} bytes of heap and ${counted.promises / counted.records} promises a record`,
    );
  }
}

/** Writes bench/profiles/driver-<case>.txt and task-<case>.txt; what the profiler itself costs is in the times. */
async function profile(contestant: string, name: CaseName): Promise<void> {
  const path = join(profiles, `${contestant}-${name}`);
  mkdirSync(profiles, { recursive: true });
  await runNode(contestant, name, records, path);
  const { promises } = await runNode(contestant, name, records, 'count');
  const times = selfTimes(`${path}.cpuprofile`);
  const total = times.reduce((sum, { amount }) => sum + amount, 0);
  const bytes = allocations(`${path}.heapprofile`);
  const allBytes = bytes.reduce((sum, { amount }) => sum + amount, 0);
  const lines = [
    `${name}, ${contestant}: ${records} records, seed ${SEED}, Node ${process.version}; ${(total / 1e6).toFixed(2)} s sampled; promises made: ${promises}`,
    '',
    'self time',
    ...times
      .slice(0, PROFILE_ROWS)
      .map(({ name, amount }) => `${((100 * amount) / total).toFixed(1).padStart(6)} %  ${name}`),
    '',
    `allocated on the heap, bytes a record (${(allBytes / records).toFixed(0)} in all)`,
    ...bytes
      .slice(0, PROFILE_ROWS)
      .map(({ name, amount }) => `${(amount / records).toFixed(1).padStart(6)}    ${name}`),
  ];
  writeFileSync(`${path}.txt`, `${lines.join('\n')}\n`);
  for (const kind of ['cpuprofile', 'heapprofile']) rmSync(`${path}.${kind}`);
  console.log(`${lines.join('\n')}\n`);
}

function javaPeer(): JavaPeer | undefined {
  if (options.peer !== 'java') return undefined;
  try {
    return prepareJavaPeer();
  } catch (error) {
    console.log(`without the peer in Java: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

console.log(
  `Node ${process.version}, seed ${SEED}, ${records} records a pass, ${rounds} rounds, load average ${loadavg()[0]?.toFixed(2)}`,
);
if (options.profile) {
  for (const name of cases) for (const contestant of ['driver', 'task']) await profile(contestant, name);
} else {
  console.log('median records per CPU-second (least to most)');
  const java = javaPeer();
  try {
    for (const name of cases) await measure(name, java);
  } finally {
    java?.close();
  }
}
