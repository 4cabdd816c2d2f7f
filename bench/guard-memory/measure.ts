import { PerformanceObserver } from 'node:perf_hooks';
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { commandLine } from '@playhead/chaos-streams/testing';
import { collectRarely } from '@playhead/service-kit';
import { pollIdleCores } from '../idle-cores.ts';
import { percentile } from '../percentile.ts';
import { openGuardTask } from './guard-task.ts';
import { viewerRecord } from './viewers.ts';

/** What `main.ts` starts: fills the guard with live streams, lets them beat, and prints what they need. */
const HELP = `What a live stream needs in the guard, split, and garbage collection under beats.

Usage: npm run bench:guard-memory -- [options]

  --streams N    live streams (1000000)
  --rate N       beats a second (5000)
  --seconds N    of beats (60)
  --help         this text

Bytes a stream are split by what needs them: the store's entries and index, expiry, the rest of heap and buffers. fill: records a second
while the streams begin; pauses: of garbage collection under the beats; ticks: a tenth of the streams looked at. Idle cores poll where
they can (/dev/cpu_dma_latency): the collector waits for its threads, and those for a core to wake up. Exit code 1: a goal missed.`;

// As the guard's process does.
collectRarely();
const values = commandLine(HELP, {
  streams: { type: 'string', default: '1000000' },
  rate: { type: 'string', default: '5000' },
  seconds: { type: 'string', default: '60' },
});
const [streams, rate, seconds] = [Number(values.streams), Number(values.rate), Number(values.seconds)];
const INTERVAL_MS = 200_000;
const GRACE_MS = 400_000;
const MAX_BYTES = 400;
const MAX_PAUSE_MS = 10;
const NO_HEADERS = Object.freeze([]);
/** The event loop is left to others after so many records. */
const SLICE = 50;

const collect = (): void => {
  (globalThis as { gc?: () => void }).gc?.();
};
const pauses: { readonly atMs: number; readonly ms: number }[] = [];
new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) pauses.push({ atMs: startTime, ms: duration });
}).observe({ entryTypes: ['gc'] });

const polls = pollIdleCores();
const task = await openGuardTask({ intervalMs: INTERVAL_MS, graceMs: GRACE_MS }, Date.now);
const send = (viewer: number, sequence: number | undefined, nowMs: number): void => {
  const { key, value } = viewerRecord(viewer, sequence, nowMs, INTERVAL_MS);
  task.guard.process({ key, value, timestamp: nowMs, headers: NO_HEADERS });
};

// Warm-up, so that code and shapes are not counted as streams.
for (let viewer = 0; viewer < 2000; viewer++) {
  send(streams + viewer, undefined, Date.now());
  send(streams + viewer, 0, Date.now());
}
collect();
const before = process.memoryUsage();
const base = storesNow();
const filledAt = performance.now();
for (let viewer = 0; viewer < streams; viewer++) {
  send(viewer, undefined, Date.now());
  send(viewer, 0, Date.now());
  if (viewer % SLICE === 0) await new Promise(setImmediate);
}
const fillSeconds = (performance.now() - filledAt) / 1000;
collect();
report('filled');

const loadFrom = performance.now();
const ticks: number[] = [];
let sent = 0;
let nextTick = loadFrom + 1000;
while (performance.now() - loadFrom < seconds * 1000) {
  const due = Math.floor(((performance.now() - loadFrom) / 1000) * rate);
  for (let slice = 0; sent < due && slice < SLICE; slice++, sent++)
    send(sent % streams, 1 + Math.floor(sent / streams), Date.now());
  if (performance.now() >= nextTick) {
    const from = performance.now();
    task.tick(Date.now());
    ticks.push(performance.now() - from);
    nextTick += 1000;
  }
  await (sent < due ? new Promise(setImmediate) : delay(1));
}
const loadSeconds = (performance.now() - loadFrom) / 1000;
const during = pauses.filter(({ atMs }) => atMs >= loadFrom).map(({ ms }) => ms);
collect();
const bytes = report('after the load');
const worst = Math.max(0, ...during);
console.log(
  `fill: ${Math.round((2 * streams) / fillSeconds)} records/s; load: ${Math.round(sent / loadSeconds)} beats/s for ${loadSeconds.toFixed(0)} s`,
);
console.log(
  `GC pauses under load: ${during.length}, p99 ${percentile(during, 0.99).toFixed(1)} ms, worst ${worst.toFixed(1)} ms (goal under ${MAX_PAUSE_MS} ms)`,
);
console.log(
  `ticks: ${ticks.length}, each looks at a tenth of the streams: p50 ${percentile(ticks, 0.5).toFixed(2)} ms, worst ${Math.max(...ticks).toFixed(2)} ms`,
);
console.log(`machine: load average ${loadavg()[0]?.toFixed(1)}; idle cores ${polls ? 'poll' : 'halt'}`);
const missed = [...(bytes > MAX_BYTES ? ['bytes a stream'] : []), ...(worst >= MAX_PAUSE_MS ? ['worst GC pause'] : [])];
console.log(missed.length === 0 ? 'GOAL met' : `GOAL missed: ${missed.join(', ')}`);
process.exitCode = missed.length === 0 ? 0 : 1;

function storesNow() {
  return { sessions: task.sessions.memory, accounts: task.accounts.memory };
}

/** What a stream needs of the process, split by what needs it. */
function report(when: string): number {
  const now = process.memoryUsage();
  const { sessions, accounts } = storesNow();
  const each = (amount: number): string => (amount / streams).toFixed(0).padStart(4);
  const heap = now.heapUsed - before.heapUsed;
  const buffers = now.arrayBuffers - before.arrayBuffers;
  const rows: [string, number][] = [
    ['sessions, entries', sessions.entryBytes - base.sessions.entryBytes],
    ['  of which dead', sessions.deadBytes - base.sessions.deadBytes],
    ['sessions, index', sessions.indexBytes - base.sessions.indexBytes],
    ['accounts, entries', accounts.entryBytes - base.accounts.entryBytes],
    ['accounts, index', accounts.indexBytes - base.accounts.indexBytes],
  ];
  const known = rows.filter(([name]) => !name.startsWith(' ')).reduce((sum, [, amount]) => sum + amount, 0);
  rows.push(['expiry and other buffers', buffers - known], ['heap', heap]);
  console.log(`${when}: ${task.sessions.approximateEntries} streams, bytes a stream:`);
  for (const [name, amount] of rows) console.log(`  ${name.padEnd(26)}${each(amount)}`);
  console.log(
    `  ${'all (heap and buffers)'.padEnd(26)}${each(heap + buffers)}  (resident memory grew by ${each(now.rss - before.rss).trim()})`,
  );
  return (heap + buffers) / streams;
}
