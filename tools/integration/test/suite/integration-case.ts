import { randomUUID } from 'node:crypto';

/** One test of the suite that every broker has to pass; only the address differs. */
export interface IntegrationCase {
  readonly name: string;
  readonly run: (brokers: readonly string[]) => Promise<void>;
}

/** A name that no other test uses, so that cases run side by side on one broker and on one that is kept. */
export const uniqueName = (what: string): string => `it-${what}-${randomUUID().slice(0, 8)}`;

/** Asks `probe` again until it gives something; fails with `what` after `timeoutMs`. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 40_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
