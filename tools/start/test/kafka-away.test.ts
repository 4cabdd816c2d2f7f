import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { createTickets, developmentKeys } from '@playhead/service-kit';
import { freePlayheadPorts, startPlayhead } from '../src/playhead-process.ts';
import type { PlayheadProcess } from '../src/playhead-process.ts';
import { until } from './process-tree.ts';

jest.setTimeout(120_000);

const BROKER = join(import.meta.dirname, '../../../libs/embedded-kafka/src/main.ts');
const dataDir = mkdtempSync(join(tmpdir(), 'playhead-away-'));
const SESSION = 'b2d7a0f4-6f0e-4a39-9d0a-1f6f6f1f3c11';

describe('npm start while Kafka is away', () => {
  let broker: ChildProcess | undefined;
  let starting: Promise<PlayheadProcess> | undefined;
  afterAll(async () => {
    await starting?.then(
      (playhead) => playhead.stop(),
      () => {},
    );
    if (broker?.kill('SIGKILL') === true) await once(broker, 'exit');
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
  });

  it('takes beats, and has them in the lookup when Kafka has come', async () => {
    const ports = await freePlayheadPorts();
    const connection = {
      KAFKA_BROKERS: `127.0.0.1:${ports.kafka}`,
      SCHEMA_REGISTRY_URL: `http://127.0.0.1:${ports.registry}`,
      AUTO_REGISTER_SCHEMAS: 'true',
    };
    starting = startPlayhead({ dataDir, ports, env: connection });
    let isReady = false;
    starting.then(
      () => (isReady = true),
      () => {},
    );
    const url = `http://127.0.0.1:${ports.gateway}`;
    const { ticketKey } = developmentKeys(dataDir);
    const ticket = createTickets({ keys: [ticketKey], maxCached: 1 }).sign({
      tenant: 'demo',
      account: 'acc-away',
      profile: 'p-1',
      device: 'tv-1',
      session: SESSION,
      content: 'film-1',
      kind: 'VOD',
      intervalMs: 10_000,
    });
    const headers = { 'playback-ticket': ticket, 'content-type': 'application/json' };
    const body = JSON.stringify({ sequence: 0, state: 'PLAYING', positionMs: 0, sentAt: Date.now() });

    await until('a beat is taken', async () => {
      const answer = await fetch(`${url}/v1/heartbeats`, { method: 'POST', headers, body }).catch(() => undefined);
      return answer?.status === 200;
    });
    expect(isReady).toBe(false);
    const health = await fetch(`http://127.0.0.1:${ports.gatewayAdmin}/health/ready`);
    expect(health.status).toBe(503);

    const env = { ...process.env, PLAYHEAD_DATA_DIR: dataDir, LOG_LEVEL: 'error' };
    const where = { KAFKA_PORT: String(ports.kafka), SCHEMA_REGISTRY_PORT: String(ports.registry) };
    broker = spawn(process.execPath, [BROKER], { env: { ...env, ...where }, stdio: 'ignore' });
    const playhead = await starting;
    await until('the lookup has the beat', async () => {
      const answer = await fetch(`${url}/v1/playback-sessions/${SESSION}`, { headers });
      return answer.status === 200 && ((await answer.json()) as { lastSequence: number }).lastSequence === 0;
    });
    expect(await playhead.stop()).toBe(0);
  });
});
