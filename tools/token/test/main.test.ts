import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { createServiceIdentity, loadSettings, sharedSettings } from '@playhead/service-kit';

// Starts processes: half a second each, but not on a machine that runs every other test too.
jest.setTimeout(60_000);

const MAIN = join(import.meta.dirname, '../src/main.ts');
const dataDir = mkdtempSync(join(tmpdir(), 'playhead-token-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

const run = (args: readonly string[], env: Record<string, string> = {}) =>
  new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    const options = { env: { ...process.env, PLAYHEAD_DATA_DIR: dataDir, ...env } };
    execFile(process.execPath, [MAIN, ...args], options, (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    );
  });
const who = ['--tenant', 'demo', '--account', 'acc-1', '--profile', 'p-1', '--device', 'tv-1'];
const accepting = () => createServiceIdentity('gateway', loadSettings(sharedSettings, { PLAYHEAD_DATA_DIR: dataDir }));

describe('npm run token', () => {
  it('prints one line that the installation accepts, before anything was ever started', async () => {
    const { code, out, err } = await run([...who, '--role', 'viewer']);
    expect([code, err, out.split('\n').length]).toEqual([0, '', 2]);
    expect(await accepting().tokens.verify(out.trim())).toMatchObject({
      tenant: 'demo',
      account: 'acc-1',
      profile: 'p-1',
      device: 'tv-1',
      roles: ['viewer'],
    });
  });

  it('prints a ticket for a new session each time', async () => {
    const args = [...who, '--ticket', '--content', 'film-1', '--kind', 'VOD'];
    const [first, second] = (await Promise.all([run(args), run(args)])).map(({ out }) =>
      accepting().tickets.verify(out.trim()),
    );
    expect(first).toMatchObject({
      tenant: 'demo',
      account: 'acc-1',
      content: 'film-1',
      kind: 'VOD',
      intervalMs: 10_000,
    });
    expect(first!.session).not.toBe(second!.session);
  });

  it('prints a service token, with which a lookup of /internal/v1 can be called by hand', async () => {
    const { code, out } = await run(['--service', 'by-hand', '--tenant', 'demo', '--account', 'acc-1']);
    expect(code).toBe(0);
    expect(accepting().serviceTokens.verify(out.trim())).toMatchObject({
      service: 'by-hand',
      claims: { tenant: 'demo', account: 'acc-1' },
    });
  });

  it('exits with 2 and a message for a bad argument, and prints nothing else', async () => {
    const { code, out, err } = await run(['--tenant', 'Demo']);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^--tenant Demo: allowed is .*\nnpm run -s token/);
  });

  it('refuses to sign for brokers on another machine', async () => {
    const { code, out, err } = await run(who, { KAFKA_BROKERS: 'kafka.test:9092' });
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('AUTH_ISSUERS: is required, because KAFKA_BROKERS names another machine (kafka.test:9092)');
  });
});
