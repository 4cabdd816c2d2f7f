import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { IdleConnections } from '../../src/http/idle-connections.ts';

const IDLE_MS = 65_000;

describe('idle connections', () => {
  let server: Server;
  let connections: IdleConnections;
  let agent: Agent;
  let sockets: Socket[];
  /** Answers that are under way for as long as the test wants. */
  let held: ServerResponse[];
  let nowMs: number;

  beforeEach(async () => {
    nowMs = 1_000;
    sockets = [];
    held = [];
    agent = new Agent({ keepAlive: true });
    server = createServer({ keepAliveTimeout: 0 });
    connections = new IdleConnections(server, { idleMs: IDLE_MS, now: () => nowMs });
    server.on('connection', (socket) => sockets.push(socket));
    server.on('request', (request, response) => {
      connections.begun(request.socket);
      response.once('close', () => connections.ended(request.socket));
      if (request.url !== '/held') {
        response.end('ok');
        return;
      }
      held.push(response);
      response.flushHeaders();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    agent.destroy();
    for (const response of held) response.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  /** The answer's head. */
  function ask(path: string): Promise<IncomingMessage> {
    const { port } = server.address() as AddressInfo;
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, agent }, resolve).on('error', reject);
    });
  }

  async function askToTheEnd(): Promise<void> {
    const answer = await ask('/');
    answer.resume();
    await once(answer, 'end');
  }

  /** More than a whole round. */
  function sweep(): void {
    for (let step = 0; step < 25; step++) connections.step();
  }

  test('are closed when the time is over, and not before', async () => {
    await askToTheEnd();
    nowMs += IDLE_MS - 1;
    sweep();
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false]);
    nowMs += 1;
    sweep();
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
  });

  test('begin anew with each request', async () => {
    await askToTheEnd();
    nowMs += IDLE_MS - 1;
    await askToTheEnd();
    nowMs += IDLE_MS - 1;
    sweep();
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false]);
  });

  test('are not closed while an answer is under way', async () => {
    const answer = await ask('/held');
    nowMs += 10 * IDLE_MS;
    sweep();
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false]);
    const closed = once(held[0]!, 'close');
    answer.resume();
    held[0]!.end();
    await closed;
    sweep();
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false]);
    nowMs += IDLE_MS;
    sweep();
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
  });

  test('are closed though others before them in the list have gone, one after the other', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask('/held')));
    expect(sockets).toHaveLength(30);
    for (const response of held.splice(0, 15)) {
      const closed = once(response, 'close');
      response.destroy();
      await closed;
    }
    for (const answer of answers) answer.on('error', () => undefined).resume();
    for (const response of held.splice(0)) {
      const closed = once(response, 'close');
      response.end();
      await closed;
    }
    nowMs += IDLE_MS;
    sweep();
    expect(sockets.every(({ destroyed }) => destroyed)).toBe(true);
  });
});
