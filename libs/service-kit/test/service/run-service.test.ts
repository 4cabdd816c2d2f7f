import { createServer } from 'node:http';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import {
  ConfigError,
  createLogger,
  defineSettings,
  listen,
  closeServer,
  port,
  problem,
  runService,
  ServiceError,
  serviceCaller,
} from '@playhead/service-kit';
import type { PlainService, RunningService, ServiceContext } from '@playhead/service-kit';
import { testIdentity } from '@playhead/service-kit/testing';
import { Router } from 'express';
import { Counter } from 'prom-client';

const settings = defineSettings({ ECHO_ADMIN_PORT: port('Admin port.', 0), ECHO_PORT: port('A port.', 0) });
type Settings = typeof settings;

const keys = testIdentity();
const quiet = createLogger({ service: 'echo', level: 'silent' });
const env = { PLAYHEAD_DATA_DIR: keys.dataDir };
afterAll(() => keys.remove());

const definitionOf = (
  start: (
    context: ServiceContext<Settings>,
  ) => Promise<{ routes?: Router; close?: () => Promise<void>; lookups?: string }>,
): PlainService<Settings, string | undefined> => ({
  name: 'echo',
  settings,
  adminPort: 'ECHO_ADMIN_PORT',
  topics: () => [],
  start: async (context) => ({ close: () => Promise.resolve(), ...(await start(context)) }),
});

describe('runService', () => {
  let running: RunningService<unknown> | undefined;
  afterEach(() => running?.close());

  const run = async (start: Parameters<typeof definitionOf>[0]) => {
    const service = await runService(definitionOf(start), { env, logger: quiet });
    running = service;
    return { service, base: `http://127.0.0.1:${service.adminPort}` };
  };
  const getJson = async (address: string, init?: RequestInit) => {
    const response = await fetch(address, init);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it('is live at once, and ready when every named condition holds', async () => {
    let verdictsRead: true | string = 'read to offset 7 of 9';
    const { service, base } = await run(async ({ health }) => {
      health.add('verdicts', () => verdictsRead);
      return {};
    });
    expect((await getJson(`${base}/health/live`)).status).toBe(200);
    expect(await getJson(`${base}/health/ready`)).toEqual({
      status: 503,
      body: {
        service: 'echo',
        ready: false,
        checks: [
          { name: 'started', ok: true, reason: '' },
          { name: 'verdicts', ok: false, reason: 'read to offset 7 of 9' },
        ],
      },
    });
    verdictsRead = true;
    await service.ready;
    expect((await getJson(`${base}/health/ready`)).status).toBe(200);
  });

  it('takes a condition that throws as one that does not hold', async () => {
    const { base } = await run(async ({ health }) => {
      health.add('broken', () => {
        throw new Error('why');
      });
      return {};
    });
    expect((await getJson(`${base}/health/ready`)).body['checks']).toContainEqual({
      name: 'broken',
      ok: false,
      reason: 'why',
    });
  });

  it("serves its own metrics and the process's", async () => {
    const { base } = await run(async ({ metrics }) => {
      new Counter({ name: 'echo_total', help: 'Echoes.', registers: [metrics] }).inc(3);
      return {};
    });
    const text = await (await fetch(`${base}/metrics`)).text();
    expect(text).toContain('echo_total{service="echo"} 3');
    expect(text.match(/^# HELP process_cpu_user_seconds_total /gm)).toHaveLength(1);
  });

  it('opens /internal/v1 to service tokens only', async () => {
    const routes = Router()
      .get('/who', (_request, response) => void response.json(serviceCaller(response)))
      .get('/no', () => {
        throw problem(409, 'no');
      });
    const { service, base } = await run(async () => ({ routes }));
    expect(service.routes).toBeDefined();
    const bearer = (text: string): RequestInit => ({ headers: { authorization: `Bearer ${text}` } });
    const token = keys.identity.serviceTokens.sign({ tenant: 'demo' });
    const viewer = await keys.development.signToken({ tenant: 'demo', roles: ['service', 'operator'] });
    expect((await getJson(`${base}/internal/v1/who`, bearer(token))).body).toMatchObject({
      service: 'test',
      claims: { tenant: 'demo' },
    });
    expect((await getJson(`${base}/internal/v1/who`)).body).toMatchObject({
      status: 401,
      type: '/problems/token-missing',
    });
    expect((await getJson(`${base}/internal/v1/who`, bearer(viewer))).body).toMatchObject({
      status: 401,
      type: '/problems/token-refused',
    });
    expect((await getJson(`${base}/internal/v1/no`, bearer(token))).body).toMatchObject({ status: 409 });
    expect((await getJson(`${base}/internal/v1/nowhere`, bearer(token))).body).toMatchObject({ status: 404 });
  });

  it('hands its lookups to whoever composes it', async () => {
    const { service } = await run(async () => ({ lookups: 'ask me' }));
    expect(service.lookups).toBe('ask me');
  });

  it('answered 404, as if it had no routes, while it waited for Kafka: it is 503 and to be asked again', async () => {
    const free = createServer();
    const adminPort = await listen(free, { port: 0, host: '127.0.0.1', setting: 'OTHER_PORT' });
    await closeServer(free, 0);
    const kafkaIsBack = Promise.withResolvers<void>();
    const isWaiting = Promise.withResolvers<void>();
    const waiting = definitionOf(async () => {
      isWaiting.resolve();
      await kafkaIsBack.promise;
      return { routes: Router().get('/question', (_request, response) => void response.json({ answer: 1 })) };
    });
    const starting = runService(waiting, { env: { ...env, ECHO_ADMIN_PORT: String(adminPort) }, logger: quiet });
    await isWaiting.promise;
    const headers = { authorization: `Bearer ${keys.identity.serviceTokens.sign()}` };
    const ask = () => fetch(`http://127.0.0.1:${adminPort}/internal/v1/question`, { headers });
    const before = await ask();
    expect(before.status).toBe(503);
    expect(before.headers.get('retry-after')).toBe('1');
    expect(await before.json()).toMatchObject({
      type: '/problems/service-starting',
      detail: 'echo has not started: it waits for Kafka',
    });
    kafkaIsBack.resolve();
    running = await starting;
    expect((await ask()).status).toBe(200);
  });

  it('closes once, not ready while it does', async () => {
    const seen: boolean[] = [];
    const { service, base } = await run(async ({ health }) => ({
      close: async () => {
        seen.push(health.ready);
      },
    }));
    await service.ready;
    await Promise.all([service.close(), service.close()]);
    expect(seen).toEqual([false]);
    expect(await service.ended).toBeUndefined();
    await expect(fetch(`${base}/health/live`)).rejects.toThrow();
  });

  it('reports shared and own settings together', async () => {
    const starting = runService(
      definitionOf(async () => ({})),
      { env: { ...env, ECHO_PORT: 'x', LOG_LEVEL: 'loud' }, logger: quiet },
    );
    await expect(starting).rejects.toThrow(ConfigError);
    await expect(starting).rejects.toThrow(/LOG_LEVEL: "loud"[\s\S]*ECHO_PORT: "x"/);
  });

  it('warns of a variable that looks like one of its settings', async () => {
    const lines: string[] = [];
    const logger = createLogger({ service: 'echo', level: 'warn' }, { write: (line) => void lines.push(line) });
    running = await runService(
      definitionOf(async () => ({})),
      { env: { ...env, ECHO_PROT: '1', ECHO_URL: 'x', OTHER: '1' }, logger },
    );
    expect(lines.map((line) => (JSON.parse(line) as { variable: string }).variable)).toEqual(['ECHO_PROT']);
  });

  it('names the setting of a port in use and leaves nothing open', async () => {
    const other = createServer();
    const taken = await listen(other, { port: 0, host: '127.0.0.1', setting: 'OTHER_PORT' });
    const starting = runService(
      definitionOf(async () => ({})),
      { env: { ...env, ECHO_ADMIN_PORT: String(taken) }, logger: quiet },
    );
    const message = `ECHO_ADMIN_PORT: port ${taken} on 127.0.0.1 is in use; choose another one`;
    await expect(starting).rejects.toThrow(ServiceError);
    await expect(starting).rejects.toMatchObject({ code: 'PORT_IN_USE', message });
    await closeServer(other, 0);
  });

  it('closes the admin port again when the service cannot start', async () => {
    const free = createServer();
    const adminPort = await listen(free, { port: 0, host: '127.0.0.1', setting: 'OTHER_PORT' });
    await closeServer(free, 0);
    const failing = definitionOf(() => Promise.reject(new Error('no')));
    await expect(
      runService(failing, { env: { ...env, ECHO_ADMIN_PORT: String(adminPort) }, logger: quiet }),
    ).rejects.toThrow('no');
    await expect(fetch(`http://127.0.0.1:${adminPort}/health/live`)).rejects.toThrow();
  });
});
