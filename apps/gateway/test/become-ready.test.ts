import { describe, expect, it } from '@jest/globals';
import { createTopics } from '@playhead/event-schemas';
import { becomeReady } from '../src/become-ready.ts';
import type { Preparation } from '../src/become-ready.ts';
import { BlockedSessions } from '../src/tables/blocked-sessions.ts';

const logger = { info: () => undefined, warn: () => undefined };

describe('a gateway that was started again and did not know yet who was told to stop', () => {
  it('hears that verdicts and rules are read when every reader has reached the end, and not before', async () => {
    const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const seen: string[] = [];
    const checks = new Map<string, () => unknown>();
    const preparation: Preparation = {
      producer: { prepare: () => Promise.resolve() },
      prepareTopics: () => Promise.resolve(),
      follow: () =>
        ends.map(({ promise }) => ({
          start: () => Promise.resolve(),
          caughtUp: promise,
          close: () => Promise.resolve(),
        })),
      topics: createTopics(),
      blocked: new BlockedSessions({ maxSessions: 1 }),
      health: { add: (name: string, check: () => unknown) => void checks.set(name, check) } as Preparation['health'],
      takesRecords: { check: () => true },
      logger,
      stopping: new AbortController().signal,
      onFollowed: () => seen.push('read'),
    };
    const ready = becomeReady(preparation);
    ends[0]!.resolve();
    await new Promise(setImmediate);
    expect([seen, checks.get('verdicts')?.()]).toEqual([[], expect.stringContaining('are being read')]);
    ends[1]!.resolve();
    await ready;
    expect([seen, checks.get('verdicts')?.(), checks.get('log')?.()]).toEqual([['read'], true, true]);
  });
});
