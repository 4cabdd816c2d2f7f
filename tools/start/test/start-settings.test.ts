import { createServer } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { closeServer, listen, ServiceError } from '@playhead/service-kit';
import { banner } from '../src/banner.ts';
import { checkPorts, portsOf } from '../src/check-ports.ts';
import { loadStartSettings } from '../src/start-settings.ts';

/** Nobody asks to stop. */
const never = new Promise<never>(() => undefined);
const anyPorts = Object.fromEntries(
  ['GATEWAY_PORT', 'KAFKA_PORT', 'SCHEMA_REGISTRY_PORT', 'GATEWAY_ADMIN_PORT', 'CONCURRENCY_GUARD_ADMIN_PORT'].map(
    (name) => [name, '0'],
  ),
);

describe('settings of npm start', () => {
  it('are those of the contract', () => {
    expect(loadStartSettings({})).toMatchObject({
      GATEWAY_PORT: 8080,
      KAFKA_PORT: 9092,
      SCHEMA_REGISTRY_PORT: 8081,
      GATEWAY_ADMIN_PORT: 8090,
      CONCURRENCY_GUARD_ADMIN_PORT: 8091,
      SIMULATED_VIEWERS: 200,
      KAFKA_BROKERS: undefined,
      SCHEMA_REGISTRY_URL: undefined,
    });
  });

  it('put a relative data directory into the repository, wherever the command is typed', () => {
    const { PLAYHEAD_DATA_DIR } = loadStartSettings({});
    expect(PLAYHEAD_DATA_DIR).toMatch(/^\/.*\/\.data$/);
    expect(loadStartSettings({ PLAYHEAD_DATA_DIR: '/x/y' }).PLAYHEAD_DATA_DIR).toBe('/x/y');
  });

  it('open no port for what is given as a real one', () => {
    const names = (env: Record<string, string>): string[] =>
      portsOf(loadStartSettings(env)).map(({ setting }) => setting);
    expect(names({})).toHaveLength(5);
    expect(names({ KAFKA_BROKERS: 'k.test:9092' })).not.toContain('KAFKA_PORT');
    expect(names({ SCHEMA_REGISTRY_URL: 'http://r.test' })).not.toContain('SCHEMA_REGISTRY_PORT');
  });

  it('open broker and registry to this machine only', () => {
    const hosts = portsOf(loadStartSettings({ BIND_ADDRESS: '0.0.0.0' })).map(
      ({ setting, host }) => `${setting} ${host}`,
    );
    expect(hosts).toContain('GATEWAY_PORT 0.0.0.0');
    expect(hosts).toContain('KAFKA_PORT 127.0.0.1');
    expect(hosts).toContain('SCHEMA_REGISTRY_PORT 127.0.0.1');
  });

  it('whose port is in use are named before anything is started', async () => {
    const other = createServer();
    const port = await listen(other, { port: 0, host: '127.0.0.1', setting: 'OTHER_PORT' });
    const settings = loadStartSettings({ ...anyPorts, SCHEMA_REGISTRY_PORT: String(port) });
    const checking = checkPorts(settings, never);
    const inUse = `SCHEMA_REGISTRY_PORT: port ${port} on 127.0.0.1 is in use; choose another one`;
    await expect(checking).rejects.toMatchObject({ errors: [new ServiceError('PORT_IN_USE', inUse)] });
    await closeServer(other, 0);
    expect(await checkPorts(loadStartSettings(anyPorts), never)).toBe(true);
  });

  it('Ctrl-C was not listened to while they were waited for', async () => {
    const other = createServer();
    const port = await listen(other, { port: 0, host: '127.0.0.1', setting: 'OTHER_PORT' });
    const settings = loadStartSettings({ ...anyPorts, SCHEMA_REGISTRY_PORT: String(port) });
    expect(await checkPorts(settings, Promise.resolve())).toBe(false);
    await closeServer(other, 0);
  });
});

describe('the banner', () => {
  const addresses = {
    gateway: 'http://127.0.0.1:8080',
    gatewayAdmin: 'http://127.0.0.1:8090',
    guardAdmin: 'http://127.0.0.1:8091',
    brokers: '127.0.0.1:9092',
    registry: 'http://127.0.0.1:8081',
  };

  it('warns of the development broker, names the data directory, and ends with the ready line', () => {
    const lines = banner(addresses, loadStartSettings({ PLAYHEAD_DATA_DIR: '/x/y' })).split('\n');
    expect(lines[0]).toContain('development broker');
    expect(lines.join('\n')).toContain('/x/y');
    expect(lines.at(-1)).toBe('Playhead is ready at http://127.0.0.1:8080');
  });

  it('says nothing of one where both are real', () => {
    const text = banner(addresses, loadStartSettings({ KAFKA_BROKERS: 'k:1', SCHEMA_REGISTRY_URL: 'http://r' }));
    expect(text).not.toContain('development');
  });
});
