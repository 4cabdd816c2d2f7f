import { beforeEach, describe, expect, it } from '@jest/globals';
import { FairSlots } from '../src/fair-slots.ts';
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
  let slots: FairSlots;
  let sent: { readonly revocation: Revocation; readonly answer: (outcome: Sending) => void }[];

  const create = () =>
    new Outbox({
      send: (given) => new Promise((answer) => void sent.push({ revocation: given, answer })),
      firstRetryMs: 500,
      maxRetryMs: 60_000,
      maxAgeMs: 24 * HOUR_MS,
      slots,
      targetOf: ({ tenant }) => tenant,
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
    slots = new FairSlots(8);
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

  it('kept a webhook waiting behind the thousands of one that did not answer', async () => {
    const [outbox, other] = [create(), create()];
    for (let number = 0; number < 2000; number++) outbox.add(`d-${number}`, revocation(`d-${number}`, 'dead'));
    for (let number = 0; number < 3; number++) other.add(`l-${number}`, revocation(`l-${number}`, 'live'));
    expect(sent).toHaveLength(8);
    await answer(0, 'failed');
    for (const at of [8, 9]) await answer(at, 'acknowledged');
    expect(sent.slice(8).map((sending) => sending.revocation.session)).toEqual(['l-0', 'l-1', 'l-2']);
    expect(counts.inFlight).toBe(8);
  });

  it('gives up what expires while it waits for a slot, and sends nothing more once it is closed', async () => {
    const outbox = create();
    for (let number = 0; number < 10; number++) outbox.add(`k-${number}`, revocation(`s-${number}`));
    expect(outbox.settle(EPOCH_MS + 25 * HOUR_MS)).toEqual(['k-8', 'k-9']);
    expect(counts).toMatchObject({ givenUp: 2, pending: 8, inFlight: 8 });
    outbox.add('k-10', revocation('s-10'));
    outbox.close();
    await answer(0, 'acknowledged');
    expect(sent).toHaveLength(8);
    expect(counts).toMatchObject({ pending: 0, inFlight: 7 });
  });
});
