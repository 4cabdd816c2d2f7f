import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { createTerminationTokens, createTickets, createTokenVerifier, loadSettings } from '@playhead/service-kit';
import type { TicketClaims } from '@playhead/service-kit';
import { createTestIssuer } from '@playhead/service-kit/testing';
import { gatewaySettings } from '../../src/config.ts';
import { createOwnParts } from '../../src/create-parts.ts';
import type { GatewayParts } from '../../src/gateway-parts.ts';
import { createGatewayServer } from '../../src/gateway-server.ts';
import { FakeGuard, MemoryLog } from './fakes.ts';

// Browsers, child processes and many small requests take their time on a machine that is busy with other things.
jest.setTimeout(60_000);

/** What a test sees of an answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON, undefined for an empty body. */
  readonly body: unknown;
}

/** A gateway on a free port over a log in memory, a guard that answers what it is told, and a clock that stands still. */
export async function startTestGateway(
  env: Readonly<Record<string, string>> = {},
  { development = true }: { readonly development?: boolean } = {},
) {
  const settings = loadSettings(gatewaySettings, env);
  const clock = { now: Date.UTC(2026, 0, 15, 20), setBackMs: 0 };
  const now = () => clock.now;
  const issuer = await createTestIssuer();
  const stranger = await createTestIssuer();
  const keys = [{ kid: 'test', key: randomBytes(32) }];
  const tickets = createTickets({ keys, maxCached: 100, now });
  const log = new MemoryLog();
  const guard = new FakeGuard();
  const failures: object[] = [];
  const signToken = (claims: object) => issuer.sign({ ...claims, exp: Math.floor(clock.now / 1000) + 3600 });
  const parts: GatewayParts = {
    settings,
    log,
    guard,
    tokens: createTokenVerifier({ issuers: [issuer.entry], maxCached: 100, now }),
    tickets,
    development: development ? { signToken } : undefined,
    ...createOwnParts(settings, now),
    terminations: createTerminationTokens(keys, now),
    load: () => 0,
    random: () => 0.5,
    instance: 'gateway-1',
    logger: {
      info: () => undefined,
      warn: () => undefined,
      error: (fields: object) => void failures.push(fields),
    },
    dataDirectoryBytes: async () => 4096,
    now,
    monotonicMs: () => clock.now + clock.setBackMs,
  };
  const server = createGatewayServer(parts, ['127.0.0.1']);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gateway = {
    origin,
    parts,
    log,
    guard,
    clock,
    failures,
    issuer,
    stranger,
    ticketOf: (claims: Partial<TicketClaims> = {}) => tickets.sign({ ...VIEWER, ...SESSION, ...claims }),
    viewer: (claims: object = {}) => signToken({ ...VIEWER, roles: ['viewer'], ...claims }),
    service: (claims: object = {}) => signToken({ tenant: 'demo', roles: ['service'], ...claims }),
    operator: (claims: object = {}) => signToken({ tenant: 'demo', roles: ['operator'], ...claims }),
    async request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
      const { json, body = json === undefined ? undefined : JSON.stringify(json), token, ticket } = options;
      const response = await fetch(`${origin}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(ticket === undefined ? {} : { 'playback-ticket': ticket }),
          ...options.headers,
        },
        ...(body === undefined ? {} : { body }),
      });
      const text = await response.text();
      const isJson = (response.headers.get('content-type') ?? '').includes('json');
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    },
    /** Somebody corrects the clock of the machine. */
    setClockBack(ms: number): void {
      clock.now -= ms;
      clock.setBackMs += ms;
    },
    /** As if nothing had been asked or written yet. */
    forget(): void {
      log.heartbeats.length = 0;
      log.decisions.length = 0;
      log.away = false;
      log.waits = false;
      log.endIsUntold = false;
      log.placesAsked.length = 0;
      guard.asked.length = 0;
      guard.silentFor = 0;
      guard.known.clear();
      guard.unread.clear();
      guard.isBehind = false;
      guard.decision = { decision: 'allow', usage: { current: 1, max: 2 }, conflicts: [] };
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return gateway;
}

/** A gateway under test. */
export type TestGateway = Awaited<ReturnType<typeof startTestGateway>>;

interface RequestOptions {
  readonly json?: unknown;
  readonly body?: string | Buffer;
  readonly token?: string;
  readonly ticket?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Who watches in the tests. */
export const VIEWER = { tenant: 'demo', account: 'acc-1', profile: 'p-1', device: 'tv-1' } as const;

/** What is watched in the tests. */
export const SESSION = { session: 'session-1', content: 'film-1', kind: 'VOD', intervalMs: 10_000 } as const;

/** A beat with every required field. */
export const beat = (fields: object = {}) => ({
  sequence: 0,
  state: 'PLAYING',
  positionMs: 12_000,
  sentAt: Date.UTC(2026, 0, 15, 20) - 40,
  ...fields,
});
