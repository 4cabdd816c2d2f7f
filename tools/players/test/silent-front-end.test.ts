import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { nginxPath, startEdge } from '@playhead/nginx';
import type { Edge } from '@playhead/nginx';
import { createTickets, developmentKeys } from '@playhead/service-kit';
import { freePlayheadPorts, PATIENT, type PlayheadProcess, startPlayhead } from '@playhead/start/testing';
import type { Browser, Page } from 'playwright-core';
import { chromiumPath, launchChromium } from '../src/chromium.ts';
import { type MediaServer, startMediaServer } from '../src/media-server.ts';

const executablePath = chromiumPath();
const nginx = nginxPath();
const TEST_TIMEOUT_MS = 120_000;
const CLIP_FOLDER = join(import.meta.dirname, '../fixtures');
const missing = executablePath === undefined ? 'Chromium' : nginx === undefined ? 'nginx' : undefined;
if (missing !== undefined) {
  process.stdout.write(`skipped: players whose front end does nothing (no ${missing} on this machine)\n`);
}

(missing === undefined ? describe : describe.skip)('two stock players of an account that may have one', () => {
  let playhead: PlayheadProcess;
  let media: MediaServer;
  let browser: Browser;
  let edge: Edge;
  let directory: string;
  let port: number;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'playhead-silent-'));
    const kid = 'k1';
    const key = randomBytes(32);
    const ports = await freePlayheadPorts();
    port = ports.kafka;
    const agentPort = ports.registry;
    playhead = await startPlayhead({
      dataDir: join(directory, 'data'),
      env: {
        ...PATIENT,
        ENFORCEMENT_ADMIN_PORT: '0',
        ENFORCEMENT_WEBHOOK_KEYS: `${kid}:${key.toString('base64url')}`,
        ENFORCEMENT_WEBHOOK_URL: `http://127.0.0.1:${agentPort}/revocations`,
      },
    });
    const service = playhead.token('--tenant', 'demo', '--role', 'service');
    const { ticketKey } = developmentKeys(playhead.dataDir);
    [media, browser, edge] = await Promise.all([
      startMediaServer(),
      launchChromium(executablePath!),
      startEdge({
        nginx: nginx!,
        port,
        agentPort,
        root: CLIP_FOLDER,
        directory: join(directory, 'edge'),
        gatewayUrl: playhead.url,
        tenant: 'demo',
        token: () => service,
        tickets: createTickets({ keys: [ticketKey], maxCached: 100 }),
        keys: [{ kid, key }],
        evidenceMs: 1_000,
        agentAway: 'closed',
      }),
    ]);
  }, TEST_TIMEOUT_MS);

  afterAll(async () => {
    await browser?.close();
    await media?.close();
    await edge?.close();
    await playhead?.stop();
    await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  }, TEST_TIMEOUT_MS);

  const limitToOne = async (account: string): Promise<void> => {
    const operator = playhead.token('--tenant', 'demo', '--role', 'operator');
    const response = await fetch(`${playhead.url}/v1/accounts/${account}/entitlement`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
      body: JSON.stringify({ plan: 'single', maxStreams: 1 }),
    });
    expect(response.status).toBe(204);
  };

  /** A page as a device has it whose back end handed out a playback address, and whose front end does nothing else. */
  const open = async (player: string, account: string, device: string): Promise<Page> => {
    const owner = ['--tenant', 'demo', '--account', account, '--profile', 'p-1', '--device', device];
    const ticket = playhead.token(...owner, '--ticket', '--content', 'film-1', '--kind', 'VOD');
    const page = await browser.newPage();
    const query = new URLSearchParams({
      player,
      content: 'film-1',
      interval: '1',
      media: `http://127.0.0.1:${port}/t/${ticket}/clip`,
      cmcd: `${playhead.url}/v1/cmcd?ticket=${ticket}&interval=1`,
    });
    await page.goto(`${media.origin}/stock.html?${query}`);
    return page;
  };
  const position = (page: Page): Promise<number> =>
    page.evaluate<number>('document.querySelector("video").currentTime');
  const playsPast = (page: Page, seconds: number): Promise<unknown> =>
    page.waitForFunction(`document.querySelector("video").currentTime > ${seconds}`, undefined, { timeout: 60_000 });
  /** What nginx answered, in the order of the requests. */
  const served = async (): Promise<readonly { status: string; device: string }[]> =>
    (await readFile(join(directory, 'edge/access.log'), 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { status: string; device: string });

  it.each(['dash', 'hls'])(
    'with %s: the second is stopped by the nginx that the webhook told to refuse its segments, the first plays on',
    async (player) => {
      const account = `silent-${player}`;
      await limitToOne(account);
      const first = await open(player, account, `tv-${player}`);
      await playsPast(first, 2);
      const second = await open(player, account, `tablet-${player}`);
      await second.waitForResponse((response) => response.status() === 403, { timeout: 60_000 });
      // The player still has some seconds in its buffer; then the picture stands.
      await second.waitForFunction('document.querySelector("video").readyState <= 2', undefined, { timeout: 60_000 });
      const [firstAt, stalledAt] = [await position(first), await position(second)];
      expect(stalledAt).toBeLessThan(30);
      await playsPast(first, firstAt + 5);
      expect(await position(second)).toBe(stalledAt);
      const refused = (await served()).filter(({ status }) => status === '403').map(({ device }) => device);
      expect(refused).toContain(`tablet-${player}`);
      expect(refused).not.toContain(`tv-${player}`);
      await Promise.all([first.close(), second.close()]);
    },
    TEST_TIMEOUT_MS,
  );

  it('the access log alone keeps a stream whose player reports nothing', async () => {
    const viewer = ['--tenant', 'demo', '--account', 'silent-log', '--profile', 'p-1', '--device', 'old-tv'];
    const ticket = playhead.token(...viewer, '--ticket', '--content', 'film-1', '--kind', 'VOD');
    const response = await fetch(`http://127.0.0.1:${port}/t/${ticket}/clip/manifest.mpd`);
    expect(response.status).toBe(200);
    const operator = playhead.token('--tenant', 'demo', '--role', 'operator');
    const headers = { authorization: `Bearer ${operator}` };
    for (;;) {
      const answer = await fetch(`${playhead.url}/v1/accounts/silent-log/streams`, { headers });
      const { streams } = (await answer.json()) as { streams: readonly { device: string; confidence?: string }[] };
      if (streams.length === 0) continue;
      expect(streams).toMatchObject([{ device: 'old-tv', confidence: 'low' }]);
      break;
    }
  }, 30_000);
});
