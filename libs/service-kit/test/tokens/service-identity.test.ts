import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { ConfigError, createServiceIdentity, developmentKeys, isLoopback, ServiceTokens } from '@playhead/service-kit';
import type { IdentitySettings } from '@playhead/service-kit';
import { createTestIssuer } from '@playhead/service-kit/testing';

// Starts processes: half a second each, but not on a machine that runs every other test too.
jest.setTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), 'playhead-identity-'));
afterAll(() => rmSync(root, { recursive: true }));
let directories = 0;
const newDirectory = (): string => join(root, String(directories++));

const settingsOf = (given: Partial<IdentitySettings> = {}): IdentitySettings => ({
  PLAYHEAD_DATA_DIR: newDirectory(),
  KAFKA_BROKERS: ['127.0.0.1:9092'],
  AUTH_ISSUERS: undefined,
  TICKET_KEYS: undefined,
  SERVICE_TOKEN_KEYS: undefined,
  AUTH_MAX_CACHED_TOKENS: 10,
  ...given,
});

const KEYS = join(import.meta.dirname, '../../src/tokens/development-keys.ts');

describe('development keys', () => {
  it('are made once, for the owner only, and are the same afterwards', () => {
    const directory = newDirectory();
    const first = developmentKeys(directory);
    expect(statSync(first.file).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'keys')).mode & 0o777).toBe(0o700);
    expect(developmentKeys(directory).ticketKey.key.equals(first.ticketKey.key)).toBe(true);
    expect(readdirSync(join(directory, 'keys'))).toEqual(['development.json']);
  });

  it('are the same for processes that start at the same time', async () => {
    const directory = newDirectory();
    const program = `import { developmentKeys } from '${KEYS}';
      process.stdout.write(developmentKeys(process.argv[1]).ticketKey.key.toString('hex'));`;
    const run = (): Promise<{ stdout: string }> =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, directory], {
        cwd: import.meta.dirname,
      });
    const keys = (await Promise.all([run(), run(), run(), run()])).map(({ stdout }) => stdout);
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(keys).size).toBe(1);
  });

  it('that cannot be read are an error which names the file', () => {
    const directory = newDirectory();
    const { file } = developmentKeys(directory);
    writeFileSync(file, '{');
    expect(() => developmentKeys(directory)).toThrow(`${file} holds no development keys`);
  });
});

describe('the identity of a service', () => {
  it('without any key accepts the tokens and tickets of its data directory', async () => {
    const settings = settingsOf();
    const one = createServiceIdentity('gateway', settings);
    const other = createServiceIdentity('concurrency-guard', settings);
    const token = await one.development!.signToken({ tenant: 'demo', account: 'acc-1', roles: ['viewer'] });
    expect(await other.tokens.verify(token)).toMatchObject({
      tenant: 'demo',
      account: 'acc-1',
      roles: ['viewer'],
      subject: 'acc-1',
    });
    expect(other.serviceTokens.verify(one.serviceTokens.sign()).service).toBe('gateway');
    const stranger = createServiceIdentity('gateway', settingsOf());
    await expect(stranger.tokens.verify(token)).rejects.toThrow("the token's signature");
  });

  it('refuses the development key beside a broker on another machine, naming it and all that is missing', () => {
    const settings = settingsOf({ KAFKA_BROKERS: ['localhost:9092', 'kafka-1.test:9092'] });
    expect(() => createServiceIdentity('gateway', settings)).toThrow(ConfigError);
    expect(() => createServiceIdentity('gateway', settings)).toThrow(
      /AUTH_ISSUERS: is required.*kafka-1\.test:9092.*\n.*TICKET_KEYS.*\n.*SERVICE_TOKEN_KEYS/,
    );
  });

  it('with issuers of its own does not accept, or sign with, the development key', async () => {
    const settings = settingsOf();
    const token = await createServiceIdentity('a', settings).development!.signToken({
      tenant: 'demo',
      roles: ['operator'],
    });
    const { entry } = await createTestIssuer();
    const identity = createServiceIdentity('a', { ...settings, AUTH_ISSUERS: [entry] });
    expect(identity.development).toBeUndefined();
    await expect(identity.tokens.verify(token)).rejects.toThrow('not one of AUTH_ISSUERS');
  });

  it('makes no development key when everything is given', async () => {
    const { entry } = await createTestIssuer();
    const keys = [{ kid: 'k', key: Buffer.alloc(32, 1) }];
    const settings = settingsOf({
      AUTH_ISSUERS: [entry],
      TICKET_KEYS: keys,
      SERVICE_TOKEN_KEYS: keys,
      KAFKA_BROKERS: ['kafka.test:9092'],
    });
    createServiceIdentity('a', settings);
    expect(() => statSync(settings.PLAYHEAD_DATA_DIR)).toThrow('ENOENT');
  });

  it.each([
    ['127.0.0.1:9092', true],
    ['127.8.9.1:1', true],
    ['localhost:9092', true],
    ['[::1]:9092', true],
    ['127.0.0.1.evil.test:9092', false],
    ['10.0.0.1:9092', false],
    ['localhost.test:9092', false],
  ])('%s is on this machine: %s', (broker, expected) => {
    expect(isLoopback(broker)).toBe(expected);
  });
});

describe('service tokens', () => {
  let now = 1_800_000_000_000;
  const keys = [{ kid: 'k1', key: Buffer.alloc(32, 7) }];
  const tokens = new ServiceTokens({ service: 'gateway', keys, now: () => now });

  it('live for 60 s and carry who asks', () => {
    const text = tokens.sign({ tenant: 'demo', account: 'acc-1' });
    expect(tokens.verify(text)).toEqual({
      service: 'gateway',
      claims: { tenant: 'demo', account: 'acc-1' },
      expiresAt: now + 60_000,
    });
    now += 60_000;
    expect(() => tokens.verify(text)).toThrow('expired');
  });

  it('without claims are used again for at most 30 s', () => {
    const first = tokens.sign();
    now += 30_000;
    expect(tokens.sign()).toBe(first);
    now += 1000;
    expect(tokens.sign()).not.toBe(first);
  });

  it.each(['', 'a.b.c', 'x'.repeat(5000)])('are not %#', (text) => {
    expect(() => tokens.verify(text)).toThrow(/service token/);
  });
});
