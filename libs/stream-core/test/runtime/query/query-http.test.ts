import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { QueryClient } from '../../../src/runtime/query/query-client.ts';
import { QueryError, type QueryFailure } from '../../../src/runtime/query/query-error.ts';
import { queryHandler } from '../../../src/runtime/query/query-handler.ts';
import {
  FAILURE_STATUS,
  MAX_QUERY_BYTES,
  queryPath,
  type WireAnswer,
  type WireQuery,
} from '../../../src/runtime/query/query-wire.ts';

const query: WireQuery = {
  store: 'counts',
  partition: 2,
  question: { kind: 'get', key: 'YQ==' },
  terms: { bound: { topic: 'beats', partition: 2, offset: 7 }, acknowledged: true, timeoutMs: 60_000 },
};
const answer: WireAnswer = {
  entries: [{ key: 'YQ==', value: 'Nw==', timestamp: 5 }],
  truncated: false,
  position: [{ topic: 'beats', partition: 2, offset: 9 }],
};

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** Serves on a free port until the test is over. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const client = (headers: () => Record<string, string> | Promise<Record<string, string>> = () => ({})) =>
  new QueryClient({ applicationId: 'my app', headers });

describe('questions between instances', () => {
  test('travel whole, in both directions, with the headers of the asking service', async () => {
    const seen: unknown[] = [];
    const handler = queryHandler(
      (asked) => {
        seen.push(asked);
        return Promise.resolve(answer);
      },
      () => {},
    );
    const server = await serve((request, response) => {
      seen.push(request.url, request.headers['authorization']);
      handler(request, response);
    });
    // An owner that runs out of time has to be heard before the asker does.
    const inTime = { ...query, terms: { ...query.terms, timeoutMs: 59_900 } };
    const token = () => Promise.resolve({ authorization: 'Bearer service-token' });
    expect(await client(token).ask(server, query)).toEqual(answer);
    expect(seen).toEqual(['/internal/v1/streams/my%20app/query', 'Bearer service-token', inTime]);
    expect(queryPath('my app')).toBe(seen[0]);
  });

  test.each([
    [60_000, 59_900],
    [400, 320],
  ])(
    'an owner has less time than the %i ms of the asker, who hears what it waited for',
    async (timeoutMs, expected) => {
      // No network: a busy machine may need longer than the asker's time.
      const asked = jest.spyOn(globalThis, 'fetch').mockResolvedValue(Response.json(answer));
      try {
        await client().ask('http://owner', { ...query, terms: { ...query.terms, timeoutMs } });
        const { terms } = JSON.parse(String(asked.mock.calls[0]?.[1]?.body)) as WireQuery;
        expect(terms.timeoutMs).toBe(expected);
      } finally {
        asked.mockRestore();
      }
    },
  );

  const failures = Object.keys(FAILURE_STATUS) as QueryFailure[];
  // An owner that is closing is not the end of the application.
  const heard = (reason: QueryFailure): QueryFailure => (reason === 'NOT_RUNNING' ? 'NOT_AVAILABLE' : reason);
  test.each(failures.map((reason) => [reason, heard(reason)]))(
    '%s of the owner is %s to the asker',
    async (reason, seen) => {
      const handler = queryHandler(
        () => Promise.reject(new QueryError(reason, 'because', { store: 'counts' })),
        () => {},
      );
      const asking = client().ask(await serve(handler), query);
      await expect(asking).rejects.toMatchObject({ reason: seen, store: 'counts', partition: 2 });
      await expect(asking).rejects.toThrow(`answered ${FAILURE_STATUS[reason]}: because`);
    },
  );

  test('an error inside the owner is reported there and its text stays there', async () => {
    const errors: unknown[] = [];
    const handler = queryHandler(
      () => Promise.reject(new Error('secret detail')),
      (error) => errors.push(error),
    );
    const asking = client().ask(await serve(handler), query);
    await expect(asking).rejects.toMatchObject({ reason: 'REFUSED' });
    await expect(asking).rejects.not.toThrow('secret');
    expect(errors).toEqual([new Error('secret detail')]);
  });

  test.each([
    ['what stands between refuses', 401, 'REFUSED'],
    ['a proxy does not reach the owner', 502, 'UNREACHABLE'],
  ])('%s: %i is %s', async (_, status, reason) => {
    const server = await serve((_request, response) => response.writeHead(status).end('no'));
    await expect(client().ask(server, query)).rejects.toMatchObject({ reason });
  });

  test('an owner that is gone is UNREACHABLE', async () => {
    const server = await serve(() => {});
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
    await expect(client().ask(server, query)).rejects.toMatchObject({ reason: 'UNREACHABLE', owner: server });
  });

  test('an owner that does not answer in time is UNREACHABLE', async () => {
    const server = await serve(() => {});
    const hurried = { ...query, terms: { ...query.terms, timeoutMs: 5 } };
    await expect(client().ask(server, hurried)).rejects.toMatchObject({ reason: 'UNREACHABLE' });
  });

  const json = (value: unknown) => JSON.stringify(value);
  test.each([
    ['the wrong method', 'PUT', json(query), 'the method is PUT'],
    ['no JSON', 'POST', 'hello', 'the body is not a JSON object'],
    ['a missing field', 'POST', json({ ...query, store: undefined }), 'store is not a string'],
    ['a partition that is no number', 'POST', json({ ...query, partition: '2' }), 'partition is not an integer'],
    ['an unknown kind', 'POST', json({ ...query, question: { kind: 'drop', limit: 1 } }), 'question.kind is "drop"'],
    [
      'a limit that is too great',
      'POST',
      json({ ...query, question: { kind: 'range', limit: 1e9 } }),
      'question.limit is 1000000000',
    ],
    ['too long a body', 'POST', json({ ...query, store: 'x'.repeat(MAX_QUERY_BYTES) }), 'longer than 1048576 bytes'],
  ])('refuses %s with 400', async (_, method, body, detail) => {
    const handler = queryHandler(
      () => Promise.resolve(answer),
      () => {},
    );
    const request: RequestInit = { method, body };
    const response = await fetch(await serve(handler), request);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ reason: 'BAD_QUERY', detail: expect.stringContaining(detail) });
  });

  test('asks to come back when the store is not available', async () => {
    const handler = queryHandler(
      () => Promise.reject(new QueryError('NOT_AVAILABLE', 'restoring', { store: 'counts' })),
      () => {},
    );
    const response = await fetch(await serve(handler), { method: 'POST', body: json(query) });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  });

  test.each([
    [20, '1'],
    [6_100, '7'],
    [3_600_000, '60'],
  ])('says when, where it is known: %d ms', async (retryAfterMs, seconds) => {
    const refusal = new QueryError('NOT_AVAILABLE', 'restoring', { store: 'counts', retryAfterMs });
    const server = await serve(
      queryHandler(
        () => Promise.reject(refusal),
        () => {},
      ),
    );
    const response = await fetch(server, { method: 'POST', body: json(query) });
    expect(response.headers.get('retry-after')).toBe(seconds);
    const client = new QueryClient({ applicationId: 'app', headers: () => ({}) });
    await expect(client.ask(server, query)).rejects.toMatchObject({ reason: 'NOT_AVAILABLE', retryAfterMs });
  });

  /** A port where nobody listens any more. */
  async function leftPort(): Promise<string> {
    const server = await serve(() => {});
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
    return server;
  }

  test('an owner that could not be connected to was asked again with every question', async () => {
    const owner = await leftPort();
    let nowMs = 1_000;
    const asking = new QueryClient({ applicationId: 'app', headers: () => ({}), now: () => nowMs });
    await expect(asking.ask(owner, query)).rejects.toMatchObject({ reason: 'UNREACHABLE' });
    nowMs += 99;
    await expect(asking.ask(owner, query)).rejects.toThrow('could not be reached just now');
    nowMs += 1;
    await expect(asking.ask(owner, query)).rejects.toThrow('could not be reached');
  });

  test('an owner that closed a connection was not asked for a while, as if it were gone', async () => {
    let connections = 0;
    const closing = createTcpServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => new Promise((resolve) => closing.close(resolve)));
    const owner = `http://127.0.0.1:${(closing.address() as AddressInfo).port}`;
    const asking = new QueryClient({ applicationId: 'app', headers: () => ({}), now: () => 1_000 });
    await expect(asking.ask(owner, query)).rejects.toThrow('gave no answer');
    await expect(asking.ask(owner, query)).rejects.toThrow('gave no answer');
    expect(connections).toBe(2);
  });

  test('an asker without headers took the owner for gone', async () => {
    const owner = await leftPort();
    let token: Promise<Record<string, string>> = Promise.reject(new Error('no token'));
    const asking = new QueryClient({ applicationId: 'app', headers: () => token, now: () => 1_000 });
    await expect(asking.ask(owner, query)).rejects.toMatchObject({
      reason: 'UNREACHABLE',
      message: expect.stringContaining('no headers for a question'),
    });
    token = Promise.resolve({});
    await expect(asking.ask(owner, query)).rejects.toThrow('could not be reached');
  });
});
