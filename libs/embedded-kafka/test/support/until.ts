import { setTimeout as delay } from 'node:timers/promises';

const DEADLINE_MS = 30_000;
const POLL_MS = 2;

/** Waits for a condition; throws when it has not come true by the deadline. */
export async function until(condition: () => boolean | Promise<boolean>, deadlineMs = DEADLINE_MS): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`still not so after ${deadlineMs} ms: ${condition.toString()}`);
    await delay(POLL_MS);
  }
}
