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
  /** A piece that it takes for a bad one. */
  let bad: string | undefined;
  /** An answer that is no JSON. */
  let page: string | undefined;
  let posts: number;
  const gateway = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      posts++;
      const items = JSON.parse(body) as LogEvidence[];
      const status = items.some(({ id }) => id === bad)
        ? 400
        : (answers.shift()?.() ?? (items.every(({ account }) => loud.has(account)) ? 429 : 200));
      const quiet = items.filter(({ account }) => !loud.has(account));
      if (status === 200) taken.push(...quiet.map(({ id }) => id));
      response.writeHead(status);
      const each = items.map(({ account }) => (loud.has(account) ? { refused: 'rate-limit' } : {}));
      response.end(page ?? JSON.stringify(each));
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
    page = undefined;
    bad = undefined;
    posts = 0;
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
    expect(warnings).toEqual([expect.stringMatching(/99 pieces.*its last failure: answered 503$/)]);
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

  const addLoud = (count: number): void => {
    for (let number = 0; number < count; number++) sender.add({ ...evidence(`loud-${number}`), account: 'loud' });
  };

  it('posted without a pause what an account had beyond its rate', async () => {
    loud = new Set(['loud']);
    sender.add(evidence('quiet'));
    addLoud(149);
    answers = [
      () => {
        setTimeout(() => (loud = new Set()), 500);
        return 200;
      },
    ];
    await until(() => sender.sent === 150);
    expect(posts).toBe(3);
  });

  it('held up all others behind an account beyond its rate', async () => {
    loud = new Set(['loud']);
    addLoud(100);
    sender.add(evidence('quiet'));
    await until(() => sender.sent > 0);
    expect(taken).toEqual(['quiet']);
    expect(posts).toBe(2);
  });

  it('kept more than it may when an answer did not take all', async () => {
    loud = new Set(['loud']);
    sender.add(evidence('quiet'));
    addLoud(99);
    answers = [
      () => {
        for (let number = 0; number < 9_999; number++) sender.add(evidence(`then-${number}`));
        return 200;
      },
      () => {
        loud = new Set();
        return 200;
      },
    ];
    await until(() => sender.sent >= 10_001);
    expect(sender.dropped).toBe(98);
  });

  it('lost what was sent together with a piece that the gateway refuses', async () => {
    bad = '17';
    for (let number = 0; number < 100; number++) sender.add(evidence(String(number)));
    await until(() => sender.sent === 99);
    expect([sender.dropped, new Set(taken).size]).toEqual([1, 99]);
    expect(posts).toBeLessThan(20);
  });

  it('sent for ever what was answered with 200 and a page', async () => {
    page = '<html>';
    sender.add(evidence('1'));
    await until(() => posts === 1 && sender.sent === 1);
    expect(sender).toMatchObject({ sent: 1, dropped: 0 });
  });
});
