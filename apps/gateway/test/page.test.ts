import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sessionView } from './testing/fakes.ts';
import { ChromiumPage, chromiumPath } from './testing/chromium-page.ts';
import { startTestGateway } from './testing/gateway-harness.ts';
import type { TestGateway } from './testing/gateway-harness.ts';

const executablePath = chromiumPath();

if (executablePath === undefined) {
  process.stdout.write('skipped: the page in Chromium (no Chromium on this machine; CHROMIUM_PATH names one)\n');
}

(executablePath === undefined ? describe.skip : describe)('the page in Chromium', () => {
  let page: ChromiumPage;
  let gateway: TestGateway;

  beforeAll(async () => {
    page = await ChromiumPage.open(executablePath ?? '');
  });
  afterAll(() => page.close());
  beforeEach(async () => {
    gateway = await startTestGateway();
  });
  afterEach(async () => {
    await page.goto('about:blank');
    await gateway.close();
  });

  const click = (selector: string) => page.evaluate(`document.querySelector('${selector}').click()`);
  const fill = (selector: string, value: string) =>
    page.evaluate(`document.querySelector('${selector}').value = ${JSON.stringify(value)}`);
  const stream = (sessionId: string, fields: object = {}) => ({
    ...sessionView(sessionId, gateway.clock.now),
    device: 'tv-1',
    content: 'film-1',
    kind: 'VOD' as const,
    ...fields,
  });

  it('shows what goes on, with links to API, metrics and health, without asking for a token', async () => {
    gateway.parts.live.reported('demo', 's-1', { beats: 10, stopped: false, now: gateway.clock.now });
    gateway.parts.live.reported('demo', 's-2', { beats: 0, stopped: true, now: gateway.clock.now });
    gateway.parts.live.refused('demo', gateway.clock.now);
    gateway.clock.now += 1000;
    await page.goto(`${gateway.origin}/`);
    await page.seesText('#connection', 'Live');
    const shown = await page.evaluate(
      "['beats', 'live', 'blocked', 'refused', 'data-size'].map((id) => document.getElementById(id).innerText)",
    );
    expect(shown).toEqual(['2.0', '1', '2', '1', '4.0 KiB']);
    const links = await page.evaluate("[...document.querySelectorAll('header nav a')].map(({ href }) => href)");
    expect(links).toEqual([
      `${gateway.origin}/docs/`,
      'http://127.0.0.1:8090/metrics',
      'http://127.0.0.1:8090/health/ready',
    ]);
    await page.seesText('#streams-empty', 'No stream is live');
  });

  it('starts a stream on an account, beats, lists it and stops it', async () => {
    await page.goto(`${gateway.origin}/`);
    await page.seesText('#connection', 'Live');
    await click('#start-button');
    await page.seesText('#answer', '1 of 2 streams in use');
    const [start, firstBeat] = gateway.log.heartbeats;
    expect(start).toMatchObject({ type: 'START', account: 'acc-demo' });
    expect(firstBeat).toMatchObject({ type: 'BEAT', session: start?.session, sequence: 0 });
    gateway.guard.streamsOf.set('demo/acc-demo', [stream(start?.session ?? '', { device: start?.device ?? '' })]);
    await page.seesText('#streams', start?.device ?? 'no device');
    await click('#streams button');
    await page.until('document.querySelector("#streams button")?.disabled', (disabled) => disabled === false);
    expect(gateway.log.heartbeats.at(-1)).toMatchObject({ type: 'STOP', session: start?.session });
  });

  it('shows a refused start with what holds the slots', async () => {
    gateway.guard.decision = {
      decision: 'deny',
      usage: { current: 1, max: 1 },
      conflicts: [{ sessionId: 's-0', device: 'tv-9', content: 'film-9', startedAt: 0, lastSeenAt: 0 }],
      retryAfterMs: 7_000,
    };
    await page.goto(`${gateway.origin}/`);
    await page.seesText('#connection', 'Live');
    await click('#start-button');
    await page.seesText('#answer', '409: 1 of 1 streams are in use.');
    await page.seesText('#answer', 'tv-9 watches film-9');
  });

  it('stops a stream that is told to', async () => {
    gateway.guard.decide = async ({ tenant, account, session }) => {
      gateway.parts.blocked.block({ tenant, account, session }, { verdict: 'stop', reason: 'concurrency-limit' });
      return { decision: 'allow', usage: { current: 1, max: 2 }, conflicts: [] };
    };
    await page.goto(`${gateway.origin}/`);
    await page.seesText('#connection', 'Live');
    await click('#start-button');
    await page.seesText('#answer', 'was told to stop (concurrency-limit)');
    expect(gateway.log.heartbeats.map(({ type }) => type)).toEqual(['START', 'BEAT']);
  });

  it('sets the limit of an account', async () => {
    await page.goto(`${gateway.origin}/`);
    await page.seesText('#connection', 'Live');
    await fill('#limit-input', '5');
    await click('#limit-button');
    await page.seesText('#answer', 'may watch 5 streams at once');
    expect(gateway.log.entitlements).toMatchObject([{ account: 'acc-demo', record: { maxStreams: 5 } }]);
  });

  it('fits a phone, whatever the names', async () => {
    const long = 'a-name-without-any-space-to-break-it-at-'.repeat(3);
    gateway.guard.streamsOf.set('demo/acc-demo', [stream('s-1', { device: long, content: long })]);
    await page.goto(`${gateway.origin}/`, 360);
    await page.seesText('#streams', 'Stop');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
  });

  it('says when the gateway cannot be reached', async () => {
    await page.goto(`${gateway.origin}/`);
    await page.seesText('#connection', 'Live');
    await gateway.close();
    await page.seesText('#connection', 'The gateway cannot be reached.');
    gateway = await startTestGateway();
  });

  it('asks for an operator token where there is no development key, and again when it is refused', async () => {
    await gateway.close();
    gateway = await startTestGateway({}, { development: false });
    await page.goto(`${gateway.origin}/`);
    await page.seesText('#token-form', 'Sign in');
    await fill('#token-input', 'wrong');
    await click('#token-form button');
    await page.seesText('#token-error', 'was not accepted');
    await fill('#token-input', await gateway.operator());
    await click('#token-form button');
    await page.seesText('#connection', 'Live');
    expect(await page.evaluate("document.getElementById('token-form').hidden")).toBe(true);
  });
});
