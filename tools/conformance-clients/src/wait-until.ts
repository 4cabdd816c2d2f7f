import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/** Asks until the answer passes `accept`. Rejects after `limitMs`, saying what was waited for and what the last answer was. */
export async function waitUntil<T>(
  what: string,
  ask: () => Promise<T>,
  accept: (answer: T) => boolean,
  limitMs = 45_000,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (accept(answer)) return answer;
    if (performance.now() > deadline) {
      throw new Error(`expected within ${limitMs} ms: ${what}; came: ${JSON.stringify(answer)?.slice(0, 600)}`);
    }
    await delay(POLL_MS);
  }
}
