import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PATIENT, type PlayheadProcess, startPlayhead } from '@playhead/start/testing';
import type { Browser, Page } from 'playwright-core';
import { chromiumPath, launchChromium } from '../src/chromium.ts';
import { type MediaServer, startMediaServer } from '../src/media-server.ts';

interface Answer {
  readonly verdict: string;
  readonly reason?: string;
}

interface Admission {
  readonly status: number;
  readonly body: {
    readonly sessionId: string;
    readonly decision?: string;
    readonly usage: { readonly current: number; readonly max: number };
  };
}

const executablePath = chromiumPath();
const TEST_TIMEOUT_MS = 90_000;
const identity = (account: string, device: string): string[] => [
  '--tenant',
  'demo',
  '--account',
  account,
  '--profile',
  'p-1',
  '--device',
  device,
];

if (executablePath === undefined) {
  process.stdout.write('skipped: real players in Chromium (no Chromium on this machine; CHROMIUM_PATH names one)\n');
}

(executablePath === undefined ? describe.skip : describe)('stock players in Chromium', () => {
  let playhead: PlayheadProcess;
  let media: MediaServer;
  let browser: Browser;
  let dataDir: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'playhead-players-'));
    [playhead, media, browser] = await Promise.all([
      startPlayhead({ dataDir, env: PATIENT }),
      startMediaServer(),
      launchChromium(executablePath!),
    ]);
  }, TEST_TIMEOUT_MS);

  afterAll(async () => {
    await browser?.close();
    await media?.close();
    await playhead?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }, TEST_TIMEOUT_MS);

  const viewer = (account: string, device: string): string =>
    playhead.token(...identity(account, device), '--role', 'viewer');

  const limitTo = async (account: string, maxStreams: number): Promise<void> => {
    const operator = playhead.token(...identity(account, 'desk'), '--role', 'operator');
    const response = await fetch(`${playhead.url}/v1/accounts/${account}/entitlement`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
      body: JSON.stringify({ plan: 'single', maxStreams }),
    });
    expect(response.status).toBe(204);
  };

  const open = async (player: string, credentials: Readonly<Record<string, string>>): Promise<Page> => {
    const page = await browser.newPage();
    const query = new URLSearchParams({
      player,
      gateway: playhead.url,
      content: 'film-1',
      interval: '2',
      ...credentials,
    });
    await page.goto(`${media.origin}/player.html?${query}`);
    return page;
  };

  const verdicts = async (page: Page): Promise<string[]> =>
    (await page.evaluate<Answer[]>('window.answers')).map((answer) => answer.verdict);
  const position = (page: Page): Promise<number> =>
    page.evaluate<number>('document.querySelector("video").currentTime');
  const playsPast = (page: Page, seconds: number): Promise<unknown> =>
    page.waitForFunction(`document.querySelector("video").currentTime > ${seconds}`, undefined, { timeout: 30_000 });

  it.each(['dash', 'hls'])(
    'a page with %s that asks first plays and reports, a second one is refused, one that does not ask is stopped',
    async (player) => {
      const account = `acc-${player}`;
      await limitTo(account, 1);

      const first = await open(player, { token: viewer(account, 'tv-1') });
      await playsPast(first, 3);
      const admission = await first.evaluate<Admission>('window.admission');
      expect(admission.status).toBe(201);
      const lookup = await fetch(`${playhead.url}/v1/playback-sessions/${admission.body.sessionId}`, {
        headers: { authorization: `Bearer ${viewer(account, 'tv-1')}` },
      });
      const session = (await lookup.json()) as { state: string; beats: number; events: number };
      expect(session.state).toBe('active');
      expect(session.beats).toBeGreaterThan(0);
      expect(session.events).toBeGreaterThan(0);
      expect(await verdicts(first)).not.toContain('stop');

      const requestsBefore = media.requests.filter((path) => path.startsWith('/clip/')).length;
      const second = await open(player, { token: viewer(account, 'tablet-1') });
      await second.waitForFunction('window.playerStatus === "denied"', undefined, { timeout: 30_000 });
      const refused = await second.evaluate<Admission>('window.admission');
      expect(refused.status).toBe(409);
      expect(refused.body.decision).toBe('deny');
      expect(refused.body.usage).toEqual({ current: 1, max: 1 });
      expect(await position(second)).toBe(0);

      const ticket = playhead.token(
        ...identity(account, 'phone-1'),
        '--ticket',
        '--content',
        'film-1',
        '--kind',
        'VOD',
      );
      const third = await open(player, { ticket });
      await third.waitForFunction('window.playerStatus.startsWith("stopped")', undefined, { timeout: 30_000 });
      const stoppedAt = await position(third);
      await playsPast(first, 8);
      expect(await position(third)).toBeLessThanOrEqual(stoppedAt);
      expect(await verdicts(first)).not.toContain('stop');
      expect(media.requests.filter((path) => path.startsWith('/clip/')).length).toBeGreaterThan(requestsBefore);
      await Promise.all([first.close(), second.close(), third.close()]);
    },
    TEST_TIMEOUT_MS,
  );

  it.each(['dash', 'hls'])(
    '%s went on with the ticket that it was configured with, which ends a day after the start',
    async (player) => {
      const page = await browser.newPage();
      await page.route(`${media.origin}/v1/cmcd*`, (route) =>
        route.fulfill({ json: { verdict: 'continue', nextBeatInMs: 1_000, serverTime: 0, ticket: 'second' } }),
      );
      const renewed = page.waitForRequest((request) =>
        request.url().includes('/v1/cmcd?ticket=second&interval=1&answer=json'),
      );
      const query = new URLSearchParams({
        player,
        gateway: media.origin,
        content: 'film-1',
        interval: '1',
        ticket: 'first',
      });
      await page.goto(`${media.origin}/player.html?${query}`);
      // Each line of a report says where the playhead is.
      expect(
        (await renewed)
          .postData()
          ?.trim()
          .split('\n')
          .filter((line) => !/,pt=\d+$/.test(line)),
      ).toEqual([]);
      await page.close();
    },
    TEST_TIMEOUT_MS,
  );

  it('hls.js could not report what had waited for a gateway: a request that outlives its page has 64 KiB at most', async () => {
    const page = await browser.newPage();
    await page.route(`${media.origin}/v1/cmcd*`, (route) => route.fulfill({ status: 204 }));
    await page.goto(`${media.origin}/stock.html`);
    const answer =
      await page.evaluate(`import(document.baseURI.replace('stock.html', 'client/hook-hls.ts')).then(({ hlsCmcdLoader }) =>
      hlsCmcdLoader({ url: '/v1/cmcd?ticket=t', positionMs: () => 0, onVerdict: () => undefined })({
        url: '/v1/cmcd?ticket=t', headers: {}, body: 'e=t,sid="a"\\n'.repeat(6_000) }))`);
    expect(answer).toEqual({ status: 204 });
    await page.close();
  });
});
