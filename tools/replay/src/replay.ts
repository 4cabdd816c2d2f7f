import { randomUUID } from 'node:crypto';
import type { GatewayApi, Session } from './gateway-api.ts';
import type { Recording } from './recording.ts';
import { replayRecording } from './replayed-recording.ts';
import { SessionWatch } from './session-watch.ts';
import { Tally } from './tally.ts';
import type { ReplayResult } from './tally.ts';

/** How recordings are replayed. */
export interface ReplaySetup {
  readonly api: GatewayApi;
  readonly speed: number;
  readonly parallel: number | undefined;
  /** Called for every line to show: progress once a second, and what is to stay. */
  readonly show: (line: string, kind: 'progress' | 'lasting') => void;
}

/** A file of neutral events has thousands of sessions: without `--parallel` so many run at a time. */
export const MAX_SIDE_BY_SIDE = 1_000;
const PROGRESS_MS = 1_000;
/** The lookups follow the posts within milliseconds; they are taken as final once they have not changed for so long. */
const STEADY_MS = 1_500;
const COUNTS_TIMEOUT_MS = 30_000;
const LOOK_MS = 250;
const LOOKUPS_AT_ONCE = 32;

/** Replays all recordings and resolves to what was sent and what the gateway counted. */
export async function replay(
  recordings: readonly Recording[],
  { api, speed, parallel, show }: ReplaySetup,
): Promise<ReplayResult> {
  const tally = new Tally();
  const watch = new SessionWatch(api, (message) => show(message, 'lasting'));
  const run = randomUUID().slice(0, 8);
  const sessions: Session[] = [];
  const total = recordings.reduce((sum, { posts }) => sum + posts.length, 0);
  const progress = setInterval(() => show(progressLine(tally, total, sessions.length), 'progress'), PROGRESS_MS);
  const listener = {
    posted: tally.count.bind(tally),
    watch: watch.watch.bind(watch),
  };
  try {
    await sideBySide(parallel ?? MAX_SIDE_BY_SIDE, recordings, async (recording, index) => {
      sessions.push(...(await replayRecording(recording, index, { api, speed, run, listener })));
    });
    watch.stop();
    const counted = await steadyCounts(api, sessions, tally.distinctLines);
    show(progressLine(tally, total, sessions.length), 'lasting');
    const { looks, inactive } = watch.counts;
    show(`${looks} looks at sessions under way, ${inactive} of them not active`, 'lasting');
    return tally.result(counted);
  } finally {
    clearInterval(progress);
    watch.stop();
  }
}

function progressLine({ posts, refused, lines, lastRefusal }: Tally, total: number, sessions: number): string {
  const trouble = refused === 0 ? '' : `, ${refused} refused (${lastRefusal.slice(0, 200)})`;
  return `${posts} of ${total} posts, ${lines} lines, ${sessions} sessions done${trouble}`;
}

/** Sums the lookups until they show every line that was sent, or no longer change. */
async function steadyCounts(
  api: GatewayApi,
  sessions: readonly Session[],
  expected: number,
): Promise<{ readonly beats: number; readonly events: number }> {
  const deadline = performance.now() + COUNTS_TIMEOUT_MS;
  let counted = await sumLookups(api, sessions);
  let changedAtMs = performance.now();
  while (performance.now() < deadline && performance.now() - changedAtMs < STEADY_MS) {
    // All there: one more look, lest something is counted twice.
    const complete = counted.beats + counted.events === expected;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const again = await sumLookups(api, sessions);
    if (again.beats !== counted.beats || again.events !== counted.events) changedAtMs = performance.now();
    else if (complete) return again;
    counted = again;
  }
  return counted;
}

async function sumLookups(api: GatewayApi, sessions: readonly Session[]): Promise<{ beats: number; events: number }> {
  const sum = { beats: 0, events: 0 };
  await sideBySide(LOOKUPS_AT_ONCE, sessions, async (session) => {
    const { beats, events } = await api.lookUp(session);
    sum.beats += beats;
    sum.events += events;
  });
  return sum;
}

/** Runs `work` for all items, at most `limit` at a time, in their order. The first error ends it. */
async function sideBySide<T>(
  limit: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
