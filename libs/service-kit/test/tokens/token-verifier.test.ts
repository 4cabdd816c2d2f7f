import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JSONWebKeySet } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  closeServer,
  createTerminationTokens,
  createTickets,
  createTokenVerifier,
  listen,
  ServiceTokens,
  TokenError,
} from '@playhead/service-kit';
import type { Issuer, TokenVerifier } from '@playhead/service-kit';
import { createTestIssuer } from '@playhead/service-kit/testing';
import type { TestIssuer } from '@playhead/service-kit/testing';

const viewer = { tenant: 'demo', account: 'acc-1', profile: 'p-1', device: 'tv-1', roles: ['viewer'], sub: 'u-1' };
const TICKET = {
  tenant: 'demo',
  account: 'a',
  profile: 'p',
  device: 'd',
  session: 's',
  content: 'c',
  kind: 'VOD',
  intervalMs: 1,
} as const;
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
const verifierOf = (...issuers: readonly Issuer[]): TokenVerifier => createTokenVerifier({ issuers, maxCached: 100 });

const codeOf = async (verifying: Promise<unknown>): Promise<string> => {
  try {
    await verifying;
  } catch (error) {
    if (error instanceof TokenError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
};

describe('a token verifier', () => {
  let issuer: TestIssuer;
  let rsa: TestIssuer;
  beforeAll(async () => {
    issuer = await createTestIssuer();
    rsa = await createTestIssuer({ alg: 'RS256', issuer: 'https://rsa.test', audience: 'other' });
  });

  it('gives the identity of an ES256 and of an RS256 token', async () => {
    const verifier = verifierOf(issuer.entry, rsa.entry);
    const exp = inSeconds(60);
    expect(await verifier.verify(await issuer.sign({ ...viewer, exp }))).toEqual({
      tenant: 'demo',
      account: 'acc-1',
      profile: 'p-1',
      device: 'tv-1',
      roles: ['viewer'],
      subject: 'u-1',
      expiresAt: exp * 1000,
    });
    expect(await verifier.verify(await rsa.sign({ tenant: 't2', roles: 'analyst operator root', exp }))).toEqual({
      tenant: 't2',
      account: undefined,
      profile: undefined,
      device: undefined,
      roles: ['operator', 'analyst'],
      subject: '',
      expiresAt: exp * 1000,
    });
  });

  it.each([
    ['of an unknown issuer', { iss: 'https://stranger.test' }, /^token-refused: the issuer/],
    ['for another audience', { aud: 'other' }, /^token-refused: the token's aud/],
    ['without exp', { exp: null }, /^token-refused: the token has no exp/],
    ['that has expired', { exp: 1_000_000_000 }, /^token-expired: the token expired at 2001-09-09/],
    [
      'that expired at no date of JavaScript, which was a defect of the verifier',
      { exp: -1e300 },
      /^token-expired: the token expired before all dates/,
    ],
    ['that is not valid yet', { nbf: 9_000_000_000 }, /^token-refused: the token's nbf/],
    ['without a tenant', { tenant: undefined }, /^token-refused: the token's tenant is no tenant/],
    ['with a tenant that is none', { tenant: 'Demo/1' }, /^token-refused: the token's tenant is no tenant/],
    [
      'whose account is an e-mail address',
      { account: 'a@b.example' },
      /^token-refused: the token's account is an e-mail/,
    ],
    [
      'whose account is a percent-encoded e-mail address',
      { account: 'a%40b.example' },
      /^token-refused: the token's account is an e-mail/,
    ],
    ['whose account is a number', { account: 7 }, /^token-refused: the token's account is not a text/],
    ['whose profile has a line break', { profile: 'a\nb' }, /^token-refused: the token's profile has a space or/],
    ['whose device is too long', { device: 'x'.repeat(129) }, /^token-refused: the token's device is not 1 to 128/],
  ])('refuses a token %s', async (_what, claims, expected) => {
    expect(await codeOf(verifierOf(issuer.entry).verify(await issuer.sign({ ...viewer, ...claims })))).toMatch(
      expected,
    );
  });

  it('refuses a token signed by somebody else in the name of an issuer', async () => {
    const stranger = await createTestIssuer();
    const code = await codeOf(verifierOf(issuer.entry).verify(await stranger.sign(viewer)));
    expect(code).toMatch(/^token-refused: the token's signature/);
  });

  it.each([
    ['', /^token-malformed/],
    ['a.b.c', /^token-malformed/],
    ['x'.repeat(9000), /^token-malformed: a token has at most/],
  ])('refuses what is no token: %#', async (text, expected) => {
    expect(await codeOf(verifierOf(issuer.entry).verify(text))).toMatch(expected);
  });

  it('refuses an unsigned token and one signed with a public key as a secret', async () => {
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const payload = encode({ ...viewer, iss: issuer.entry.issuer, aud: 'playhead', exp: inSeconds(60) });
    const verifier = verifierOf(issuer.entry);
    expect(await codeOf(verifier.verify(`${encode({ alg: 'none' })}.${payload}.`))).toMatch(
      /^token-refused: the token is not signed/,
    );
    expect(await codeOf(verifier.verify(`${encode({ alg: 'HS256' })}.${payload}.AAAA`))).toMatch(
      /^token-refused: the token is not signed/,
    );
  });

  it('blamed the issuer’s keys, with 503, for a token that asks for an extension, or names none of several keys', async () => {
    const token = await issuer.sign(viewer);
    const [head = '', payload, signature] = token.split('.');
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as object;
    const extended = encode({ ...header, crit: ['x'], x: 1 });
    expect(await codeOf(verifierOf(issuer.entry).verify(`${extended}.${payload}.${signature}`))).toMatch(
      /^token-refused: the token's crit/,
    );
    const [first, second] = await Promise.all([createTestIssuer(), createTestIssuer()]);
    const keysOf = ({ entry }: TestIssuer) => (entry.jwks as JSONWebKeySet).keys;
    const both = { ...first.entry, jwks: { keys: [...keysOf(first), ...keysOf(second)] } };
    const nameless = encode({ ...header, kid: undefined });
    expect(await codeOf(verifierOf(both).verify(`${nameless}.${payload}.${signature}`))).toMatch(
      /^token-refused: the token names none of the keys/,
    );
  });

  it('says where a text of ours belongs that is no token: it was said to be of an unknown issuer', async () => {
    const keys = [{ kid: 'k1', key: Buffer.alloc(32, 7) }];
    const termination = { tenant: 'demo', account: 'a', session: 's', refusedEventId: 'e' };
    const ours = {
      'playback ticket.*Playback-Ticket header or .ticket=': createTickets({ keys, maxCached: 1 }).sign(TICKET),
      'termination token.*terminationTokens': createTerminationTokens(keys).sign(termination),
      'token between services.*/internal/v1': new ServiceTokens({ service: 'gateway', keys }).sign(),
    };
    for (const [expected, text] of Object.entries(ours)) {
      const said = await codeOf(verifierOf(issuer.entry).verify(text));
      expect(said).toMatch(new RegExp(`^token-refused: this is a ${expected}`));
      // Nothing of what it says, and nothing of who is accepted.
      expect(said).not.toMatch(/demo|k1|issuer\.test/);
    }
    expect(await codeOf(verifierOf(issuer.entry).verify(`x${ours['termination token.*terminationTokens']}`))).toMatch(
      /^token-malformed/,
    );
  });

  it('never takes a ticket for a token, nor a token for a ticket', async () => {
    const tickets = createTickets({ keys: [{ kid: 'k1', key: Buffer.alloc(32, 7) }], maxCached: 10 });
    const ticket = tickets.sign(TICKET);
    expect(await codeOf(verifierOf(issuer.entry).verify(ticket))).toMatch(/^token-refused/);
    const token = await issuer.sign(viewer);
    expect(() => tickets.verify(token)).toThrow('not one of this installation');
  });

  it('looks at exp again for a token that it remembers', async () => {
    let now = Date.now();
    const verifier = createTokenVerifier({ issuers: [issuer.entry], maxCached: 10, now: () => now });
    const exp = inSeconds(60);
    const token = await issuer.sign({ ...viewer, exp });
    const first = await verifier.verify(token);
    expect(await verifier.verify(token)).toBe(first);
    now = exp * 1000 - 1;
    expect(await codeOf(verifier.verify(token))).toBe('accepted');
    now = exp * 1000;
    expect(await codeOf(verifier.verify(token))).toMatch(/^token-expired/);
  });

  it('verifies a remembered token again after five minutes, so that a withdrawn key stops working', async () => {
    let now = Date.now();
    const verifier = createTokenVerifier({ issuers: [issuer.entry], maxCached: 10, now: () => now });
    const token = await issuer.sign(viewer);
    const first = await verifier.verify(token);
    now += 299_999;
    expect(await verifier.verify(token)).toBe(first);
    now += 2;
    const again = await verifier.verify(token);
    expect(again).toEqual(first);
    expect(again).not.toBe(first);
  });

  it('finds claims where the issuer has them', async () => {
    const claims = {
      tenant: 'https://x.test/tenant',
      account: 'user.id',
      profile: 'user.profile',
      device: 'dev',
      roles: 'realm.roles',
      maxStreams: 'plan.streams',
    };
    const verifier = verifierOf({ ...issuer.entry, claims });
    const token = await issuer.sign({
      'https://x.test/tenant': 'demo',
      user: { id: 'a-1' },
      dev: 'd-1',
      realm: { roles: ['operator'] },
      plan: { streams: 3 },
    });
    expect(await verifier.verify(token)).toMatchObject({
      tenant: 'demo',
      account: 'a-1',
      profile: undefined,
      device: 'd-1',
      roles: ['operator'],
      maxStreams: 3,
    });
  });

  it.each([-1, 1.5, '2', null])('refuses a limit of streams that is no number of them: %s', async (maxStreams) => {
    const token = await issuer.sign({ ...viewer, maxStreams });
    expect(await codeOf(verifierOf(issuer.entry).verify(token))).toMatch(
      /maxStreams is not a whole number, 0 or more$/,
    );
  });

  it('lets an issuer speak only for its tenants', async () => {
    const verifier = verifierOf({ ...issuer.entry, tenants: ['demo'] });
    expect(await codeOf(verifier.verify(await issuer.sign(viewer)))).toBe('accepted');
    const foreign = await issuer.sign({ ...viewer, tenant: 'other' });
    expect(await codeOf(verifier.verify(foreign))).toBe('token-refused: the issuer may not speak for tenant other');
  });
});

describe('a key set', () => {
  const directory = mkdtempSync(join(tmpdir(), 'playhead-jwks-'));
  const server = createServer();
  let address = '';
  beforeAll(async () => {
    address = `http://127.0.0.1:${await listen(server, { port: 0, host: '127.0.0.1', setting: 'TEST_PORT' })}/jwks`;
  });
  afterAll(async () => {
    await closeServer(server, 0);
    rmSync(directory, { recursive: true });
  });

  it('in a file is read again when it has changed', async () => {
    const [before, after] = [await createTestIssuer(), await createTestIssuer()];
    const file = join(directory, 'jwks.json');
    writeFileSync(file, JSON.stringify(before.entry.jwks));
    const verifier = verifierOf({ ...before.entry, jwks: file });
    expect(await codeOf(verifier.verify(await before.sign(viewer)))).toBe('accepted');
    expect(await codeOf(verifier.verify(await after.sign(viewer)))).toMatch(/^token-refused/);
    writeFileSync(file, JSON.stringify(after.entry.jwks));
    utimesSync(file, new Date(), new Date(Date.now() + 5000));
    expect(await codeOf(verifier.verify(await after.sign(viewer)))).toBe('accepted');
  });

  it('at an address is fetched, and a failure there is not blamed on the token', async () => {
    const issuer = await createTestIssuer();
    let status = 500;
    server.on('request', (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(issuer.entry.jwks));
    });
    const token = await issuer.sign(viewer);
    const verifier = verifierOf({ ...issuer.entry, jwks: address });
    expect(await codeOf(verifier.verify(token))).toMatch(/^token-unverifiable/);
    status = 200;
    expect(await codeOf(verifier.verify(token))).toBe('accepted');
  });
});
