import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
const DEADLINE_MS = 40_000;

/** The browser that the machine has: `CHROMIUM_PATH`, else the usual places; undefined when there is none. */
export const chromiumPath = (): string | undefined =>
  [process.env['CHROMIUM_PATH'], ...CANDIDATES].find((file) => file !== undefined && existsSync(file));

interface Reply {
  readonly id?: number;
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly text: string };
  };
  readonly error?: { readonly message: string };
}

/** One page of a headless Chromium, spoken to over its DevTools protocol. */
export class ChromiumPage {
  readonly #browser: ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #last = 0;

  private constructor(browser: ChildProcess, profile: string, socket: WebSocket) {
    this.#browser = browser;
    this.#profile = profile;
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const reply = JSON.parse(String(data)) as Reply;
      if (reply.id !== undefined) this.#waiting.get(reply.id)?.(reply);
    });
  }

  /** Starts a browser with a profile of its own, on an empty page. */
  static async open(executablePath: string): Promise<ChromiumPage> {
    const profile = mkdtempSync(path.join(tmpdir(), 'playhead-chromium-'));
    const flags = [...FLAGS, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'];
    const browser = spawn(executablePath, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
    const port = await debuggingPort(browser);
    const pages = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as readonly {
      readonly type: string;
      readonly webSocketDebuggerUrl: string;
    }[];
    const socket = new WebSocket(pages.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? '');
    await new Promise((resolve) => {
      socket.addEventListener('open', resolve, { once: true });
    });
    return new ChromiumPage(browser, profile, socket);
  }

  async goto(url: string, widthPx = 1280): Promise<void> {
    const metrics = { width: widthPx, height: 800, deviceScaleFactor: 1, mobile: false };
    await this.#send('Emulation.setDeviceMetricsOverride', metrics);
    await this.#send('Page.navigate', { url });
  }

  /** The value of an expression in the page; promises are waited for. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, error } = await this.#send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    const problem = error?.message ?? result?.exceptionDetails?.text;
    if (problem !== undefined) throw new Error(`${problem}: ${expression}`);
    return result?.result?.value;
  }

  /** Waits until the expression's value passes the check, and returns it. */
  async until<T>(expression: string, check: (value: T) => boolean): Promise<T> {
    const giveUpAt = Date.now() + DEADLINE_MS;
    for (;;) {
      const value = (await this.evaluate(expression)) as T;
      if (check(value)) return value;
      if (Date.now() > giveUpAt)
        throw new Error(`still ${JSON.stringify(value)} after ${DEADLINE_MS} ms: ${expression}`);
      await sleep(20);
    }
  }

  /** Waits until an element is visible and its text has a piece. (`innerText` of an invisible element is all its text.) */
  async seesText(selector: string, piece: string): Promise<void> {
    const found = `((found) => (found?.checkVisibility() ? found.innerText : ''))(document.querySelector(${JSON.stringify(selector)}))`;
    await this.until<string>(found, (value) => value.includes(piece));
  }

  async close(): Promise<void> {
    this.#socket.close();
    this.#browser.kill();
    if (this.#browser.exitCode === null) await once(this.#browser, 'exit');
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }

  #send(method: string, params: object): Promise<Reply> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      this.#waiting.set(id, (reply) => {
        this.#waiting.delete(id);
        resolve(reply);
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

async function debuggingPort(browser: ChildProcess): Promise<string> {
  if (browser.stderr === null) throw new TypeError('the browser has no standard error');
  for await (const line of createInterface({ input: browser.stderr })) {
    const port = /^DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(line)?.[1];
    if (port !== undefined) return port;
  }
  throw new Error('the browser ended before it listened');
}
