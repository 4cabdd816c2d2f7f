import { beforeEach, describe, expect, it } from '@jest/globals';
import { Outbox } from '../src/outbox.ts';
import type { OutboxCounts } from '../src/outbox.ts';
import type { Revocation } from '../src/revocation.ts';
import type { Sending } from '../src/sender.ts';

const EPOCH_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;

const revocation = (session: string, tenant = 'demo'): Revocation => ({
  id: `${tenant}/acc-1/${session}:e-1`,
  tenant,
  account: 'acc-1',
  session,
  reason: 'concurrency-limit',
  endedBy: null,
  device: null,
  content: null,
  decidedAt: EPOCH_MS,
  expiresAt: EPOCH_MS + 24 * HOUR_MS,
});

describe('Outbox', () => {
  let counts: OutboxCounts;
  let monotonicMs: number;
  let sent: { readonly revocation: Revocation; readonly answer: (outcome: Sending) => void }[];

  const create = () =>
    new Outbox({
      send: (given) => new Promise((answer) => void sent.push({ revocation: given, answer })),
      firstRetryMs: 500,
      maxRetryMs: 60_000,
      maxAgeMs: 24 * HOUR_MS,
      maxInFlight: 8,
      metrics: counts,
      monotonicMs: () => monotonicMs,
      random: () => 1,
    });
  /** The answer of a webhook, noticed. */
  const answer = async (at: number, outcome: Sending) => {
    sent[at]?.answer(outcome);
    await new Promise(setImmediate);
  };

  beforeEach(() => {
    counts = { acknowledged: 0, failed: 0, givenUp: 0, nobody: 0, pending: 0, inFlight: 0 };
    monotonicMs = 0;
    sent = [];
  });

  it('did not try again for as long as the clock had gone back', async () => {
    const outbox = create();
    outbox.add('k', revocation('s-1'));
    await answer(0, 'failed');
    outbox.settle(EPOCH_MS);
    monotonicMs += 500;
    outbox.settle(EPOCH_MS - HOUR_MS);
    expect(sent).toHaveLength(2);
  });
});
