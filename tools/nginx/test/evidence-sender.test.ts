import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EvidenceSender } from '../src/evidence-sender.ts';
import type { LogEvidence } from '../src/log-evidence.ts';

const NOW = 1_800_000_000_000;
const evidence = (id: string, ageMs = 0): LogEvidence => ({
  account: 'acc-1',
  session: 's-1',
  kind: 'cdn-log',
  id,
  observedAt: NOW - ageMs,
});

describe('EvidenceSender', () => {
  let now: number;
  let warnings: string[];
  let stopping: AbortController;
  let sender: EvidenceSender;
  const taken: string[] = [];
  /** Answers of the gateway, in order; then 200. Each is asked for when the request has been read. */
  let answers: (() => number)[];
  /** Accounts whose evidence it does not take. */
  let loud: ReadonlySet<string>;
  const gateway = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const status = answers.shift()?.() ?? 200;
      const items = JSON.parse(body) as LogEvidence[];
      const quiet = items.filter(({ account }) => !loud.has(account));
      if (status === 200) taken.push(...quiet.map(({ id }) => id));
      response.writeHead(status);
      response.end(JSON.stringify(items.map(({ account }) => (loud.has(account) ? { refused: 'rate-limit' } : {}))));
    });
  });
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise(setImmediate);
  };

  beforeEach(async () => {
    now = NOW;
    taken.length = 0;
    answers = [];
    loud = new Set();
    warnings = [];
    stopping = new AbortController();
    await new Promise<void>((resolve) => {
      gateway.listen(0, '127.0.0.1', resolve);
    });
    sender = new EvidenceSender({
      gatewayUrl: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`,
      token: () => 'token',
      signal: stopping.signal,
      now: () => now,
      warn: (text) => warnings.push(text),
    });
  });
  afterEach(async () => {
    stopping.abort();
    gateway.closeAllConnections();
    await new Promise((resolve) => {
      gateway.close(resolve);
    });
  });

  it('sent evidence that had grown old while the gateway was away', async () => {
    sender.add(evidence('old', 20_000));
    sender.add(evidence('young'));
    answers = [
      () => {
        now += 50_000;
        return 503;
      },
    ];
    await until(() => sender.sent > 0);
    expect(taken).toEqual(['young']);
    expect(sender).toMatchObject({ sent: 1, dropped: 1 });
  });

  it('said nothing of what was too much to be tried again', async () => {
    for (let number = 0; number < 100; number++) sender.add(evidence(`first-${number}`));
    answers = [
      () => {
        for (let number = 0; number < 9_999; number++) sender.add(evidence(`then-${number}`));
        return 503;
      },
    ];
    await until(() => sender.sent >= 10_000);
    expect(sender.dropped).toBe(99);
    expect(warnings).toEqual([expect.stringContaining('99 pieces')]);
  });

  it('sends again what an answer did not take of it', async () => {
    loud = new Set(['loud']);
    sender.add({ ...evidence('1'), account: 'loud' });
    sender.add(evidence('2'));
    answers = [
      () => 200,
      () => {
        loud = new Set();
        return 200;
      },
    ];
    await until(() => sender.sent === 2);
    expect(taken).toEqual(['2', '1']);
    expect(sender.dropped).toBe(0);
  });
});
