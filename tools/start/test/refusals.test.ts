import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { freePlayheadPorts } from '../src/playhead-process.ts';

jest.setTimeout(90_000);

const MAIN = join(import.meta.dirname, '../src/main.ts');
const dataDir = mkdtempSync(join(tmpdir(), 'playhead-refusals-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe('npm start', () => {
  it.each(['GATEWAY_PORT', 'KAFKA_PORT', 'CONCURRENCY_GUARD_ADMIN_PORT'])(
    'names %s when its port is in use, and exits with 1',
    async (setting) => {
      const ports = await freePlayheadPorts();
      const env = {
        GATEWAY_PORT: ports.gateway,
        GATEWAY_ADMIN_PORT: ports.gatewayAdmin,
        CONCURRENCY_GUARD_ADMIN_PORT: ports.guardAdmin,
        KAFKA_PORT: ports.kafka,
        SCHEMA_REGISTRY_PORT: ports.registry,
      };
      const taken = env[setting as keyof typeof env];
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(taken, '127.0.0.1', resolve));
      const strings = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));
      const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN], {
        env: { ...process.env, ...strings, PLAYHEAD_DATA_DIR: dataDir },
        encoding: 'utf8',
      });
      await new Promise((resolve) => other.close(resolve));
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toBe(`${setting}: port ${taken} on 127.0.0.1 is in use; choose another one\n`);
    },
  );

  it('names every port that is in use, not the first alone', async () => {
    const { gateway, kafka } = await freePlayheadPorts();
    const others = await Promise.all(
      [gateway, kafka].map(async (port) => {
        const other = createServer();
        await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
        return other;
      }),
    );
    const env = { ...process.env, GATEWAY_PORT: `${gateway}`, KAFKA_PORT: `${kafka}`, PLAYHEAD_DATA_DIR: dataDir };
    const { status, stderr } = spawnSync(process.execPath, [MAIN], { env, encoding: 'utf8' });
    await Promise.all(others.map((other) => new Promise((resolve) => other.close(resolve))));
    expect(status).toBe(1);
    expect(stderr).toContain(`GATEWAY_PORT: port ${gateway} on 127.0.0.1 is in use`);
    expect(stderr).toContain(`KAFKA_PORT: port ${kafka} on 127.0.0.1 is in use`);
  });

  it('says with --help what it starts, and starts nothing', () => {
    const { status, stdout } = spawnSync(process.execPath, [MAIN, '--help'], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^npm start: broker, .*Ctrl-C/);
    expect(stdout).toContain('GATEWAY_PORT');
  });

  it('refuses an option that it does not know, and starts nothing', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, '--print-config'], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain("Unknown option '--print-config'");
  });

  const refused = (env: Readonly<Record<string, string>>): string => {
    const given = { ...process.env, PLAYHEAD_DATA_DIR: dataDir, ...env };
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN], { env: given, encoding: 'utf8' });
    expect([status, stdout]).toEqual([1, '']);
    return stderr;
  };

  it('reports all wrong settings at once, also those of the services and names that are misspelt', () => {
    const services = { STREAMS_STATE: 'rocks', GATEWAY_MAX_BODY_BYTES: 'many', STREAMS_STAET: 'lmdb' };
    const text = refused({ GATEWAY_PORT: 'x', SIMULATED_VIEWERS: '-1', ...services });
    const names = [...text.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);
    expect(names.toSorted()).toEqual([
      'GATEWAY_MAX_BODY_BYTES',
      'GATEWAY_PORT',
      'SIMULATED_VIEWERS',
      'STREAMS_STAET',
      'STREAMS_STATE',
    ]);
    expect(text).toContain('STREAMS_STAET: there is no such setting; did you mean STREAMS_STATE?');
  });

  it('a wrong setting of a service was said without the misspelt one beside it', async () => {
    const { gateway, gatewayAdmin, guardAdmin, kafka, registry } = await freePlayheadPorts();
    const text = refused({
      GATEWAY_PORT: `${gateway}`,
      GATEWAY_ADMIN_PORT: `${gatewayAdmin}`,
      CONCURRENCY_GUARD_ADMIN_PORT: `${guardAdmin}`,
      KAFKA_PORT: `${kafka}`,
      SCHEMA_REGISTRY_PORT: `${registry}`,
      STREAMS_STATE: 'rocks',
      GATWAY_PORT: '1',
    });
    expect(text).toMatch(/STREAMS_STATE: "rocks" is refused .*allowed: one of memory, lmdb, redis/);
    expect(text).toContain('GATWAY_PORT: there is no such setting; did you mean GATEWAY_PORT?');
  });
});
