import { QueryError } from '@playhead/stream-core';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  answerProblem,
  closeServer,
  listen,
  problem,
  problemHandler,
  toProblem,
  TokenError,
  unknownRoute,
} from '@playhead/service-kit';
import express from 'express';

const logged: object[] = [];
const logger = { error: (fields: object): void => void logged.push(fields) };
const errors = [{ pointer: '/3/positionMs', code: 'type', detail: 'must be an integer' }];

const app = express();
app.get('/refused', () => {
  throw problem(409, 'limit-reached', {
    detail: 'two streams',
    errors,
    members: { retryAfterMs: 5 },
    headers: { 'retry-after': '1' },
  });
});
app.get('/token', async () => {
  await Promise.reject(new TokenError('token-expired', 'the token expired'));
});
app.get('/keys', () => {
  throw new TokenError('token-unverifiable', 'the keys cannot be read now');
});
app.get('/store', () => {
  throw new QueryError('NOT_AVAILABLE', 'no owner', { store: 'counts' });
});
app.get('/broken', () => {
  throw new Error('a secret of the inside');
});
app.get('/half', (_request, response) => {
  response.write('a');
  throw new Error('too late');
});
app.post('/body', express.json({ limit: 20 }), (_request, response) => void response.sendStatus(204));
app.use(unknownRoute, problemHandler(logger));

describe('problem documents', () => {
  let server: Server;
  let base = '';
  beforeAll(async () => {
    server = createServer(app);
    base = `http://127.0.0.1:${await listen(server, { port: 0, host: '127.0.0.1', setting: 'TEST_PORT' })}`;
  });
  afterAll(() => closeServer(server, 0));

  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(base + path, init);
    return { response, document: (await response.json()) as Record<string, unknown> };
  };

  it('have type, title, status, detail, errors and members of their own', async () => {
    const { response, document } = await ask('/refused');
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('retry-after')).toBe('1');
    expect(response.status).toBe(409);
    expect(document).toEqual({
      type: '/problems/limit-reached',
      title: 'Limit reached',
      status: 409,
      detail: 'two streams',
      errors,
      retryAfterMs: 5,
    });
  });

  it.each([
    ['/token', {}, 401, '/problems/token-expired'],
    ['/keys', {}, 503, '/problems/token-unverifiable'],
    ['/nowhere', {}, 404, '/problems/not-found'],
    ['/%E0%A4%A', {}, 404, '/problems/not-found'],
    [
      '/body',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' },
      400,
      '/problems/body-malformed',
    ],
    [
      '/body',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: `"${'x'.repeat(30)}"` },
      413,
      '/problems/body-too-large',
    ],
    [
      '/body',
      { method: 'POST', headers: { 'content-type': 'application/json; charset=koi9' }, body: '{}' },
      415,
      '/problems/charset-unsupported',
    ],
  ])('answer %s (%#)', async (path, init, status, type) => {
    const { document } = await ask(path, init);
    expect([document['status'], document['type']]).toEqual([status, type]);
  });

  it('tell a client which authentication is wanted', async () => {
    const { response } = await ask('/token');
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  it('ask for no bearer token where a ticket was refused', () => {
    const found = toProblem(new TokenError('ticket-expired', 'the ticket expired'));
    expect(found).toMatchObject({ status: 401, code: 'ticket-expired', headers: {} });
  });

  it('a store that could not answer while Kafka was away was 500: it is 503 and to be asked again', () => {
    const now = new QueryError('NOT_AVAILABLE', 'no owner', { store: 'counts' });
    expect(toProblem(now)).toMatchObject({ status: 503, code: 'state-unavailable', headers: { 'retry-after': '1' } });
    const soon = new QueryError('NOT_AVAILABLE', 'it restores', { store: 'counts', retryAfterMs: 2_400 });
    expect(toProblem(soon).headers).toEqual({ 'retry-after': '3' });
    expect(toProblem(new QueryError('UNKNOWN_STORE', 'no such store', { store: 'counts' })).status).toBe(500);
  });

  it('show nothing of an unexpected error, which is logged', async () => {
    logged.length = 0;
    const { response, document } = await ask('/broken');
    expect(response.status).toBe(500);
    expect(document).toEqual({ type: '/problems/internal-error', title: 'Internal error', status: 500 });
    expect(logged).toMatchObject([{ path: '/broken', err: { message: 'a secret of the inside' } }]);
  });

  it('every request logged an error with its stack while a store or the keys could not be read', async () => {
    logged.length = 0;
    for (const path of ['/store', '/keys']) expect((await ask(path)).response.status).toBe(503);
    expect(logged).toEqual([]);
  });

  it('cut an answer that had begun', async () => {
    await expect(fetch(`${base}/half`).then((response) => response.text())).rejects.toThrow();
  });

  it('are written without express too', async () => {
    const plain = createServer((_request, response) => answerProblem(response, toProblem(new URIError('x'))));
    const port = await listen(plain, { port: 0, host: '127.0.0.1', setting: 'TEST_PORT' });
    const response = await fetch(`http://127.0.0.1:${port}`);
    await closeServer(plain, 100);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: '/problems/address-malformed' });
  });
});
