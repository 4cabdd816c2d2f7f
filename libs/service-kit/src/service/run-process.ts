import { ConfigError } from '../settings/load-settings.ts';
import { collectRarely } from './collect-rarely.ts';
import { ServiceError } from './service-error.ts';

/**
 * A process that is asked to stop in one of two ways:
 *
 *     on its own      SIGTERM, SIGINT, SIGHUP ──▶ close ──▶ exit 0      (again a second later: exit at once)
 *     under a parent  {type:'stop'}, or the parent is gone ──▶ close ──▶ exit 0      (signals are the parent's business)
 *                     the parent is gone, and `orphaned` is 'exit' ──▶ exit 0 at once
 *
 * and that exits with 1 when it could not start, failed while it ran, or did not close in time.
 */

/** What a process runs. */
export interface ProcessPart {
  /** Resolves when the part does its work for the first time, to what a parent has to know; rejects when it never will. */
  readonly ready: Promise<unknown>;
  /** Resolves when the part has ended by itself: with an error, or with undefined when it has done what it had to. */
  readonly ended?: Promise<Error | undefined>;
  close(): Promise<void>;
}

/** How `runProcess` behaves. */
export interface ProcessOptions {
  readonly closeTimeoutMs: number;
  /**
   * When the parent is gone, `close` (the default) or `exit` at once, as kill -9 would: for siblings that cannot close without
   * each other, and whose ports the parent's successor wants.
   */
  readonly orphaned?: 'close' | 'exit';
}

/** What a child tells its parent. `info` is what the part's `ready` resolved to. */
export type ChildMessage =
  | { readonly type: 'ready'; readonly info?: unknown }
  | { readonly type: 'failed'; readonly message: string };

/** What a parent tells its child. */
export interface StopMessage {
  readonly type: 'stop';
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/** The usual exit code after SIGINT. */
const INTERRUPTED = 130;
/** npm passes Ctrl-C on to a process that the terminal has told already: the same signal comes twice at once. */
const SAME_SIGNAL_MS = 1_000;

/** Starts a part and runs it until it is asked to stop. Ends the process itself; never rejects. */
export async function runProcess(start: () => Promise<ProcessPart>, options: ProcessOptions): Promise<void> {
  collectRarely();
  const stopped = stopRequest(options.orphaned ?? 'close');
  let part: ProcessPart | undefined;
  try {
    const starting = start();
    // Asked to stop before it runs: there is nothing to finish, and what is open closes with the process.
    if ((await Promise.race([starting, stopped])) === 'stop') process.exit(0);
    part = await starting;
    const ended = part.ended ?? new Promise<never>(() => {});
    const ready = part.ready.then((info) => ({ info }));
    const first = await Promise.race([ready, stopped, ended.then(failIfError)]);
    if (typeof first === 'object') {
      await tellParent({ type: 'ready', info: first.info });
      await Promise.race([stopped, ended.then(failIfError)]);
    }
    await closeWithin(part, options.closeTimeoutMs);
    process.exit(0);
  } catch (error) {
    const message = describeFailure(error);
    if (process.connected) await tellParent({ type: 'failed', message });
    else process.stderr.write(`${message}\n`);
    if (part !== undefined) await closeWithin(part, options.closeTimeoutMs).catch(() => {});
    process.exit(1);
  }
}

/** What is shown of an error that ends a process: the message alone where it is meant for whoever starts it. */
export function describeFailure(error: unknown): string {
  if (error instanceof ConfigError || error instanceof ServiceError) return error.message;
  if (error instanceof AggregateError) return error.errors.map(describeFailure).join('\n');
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function stopRequest(orphaned: 'close' | 'exit'): Promise<'stop'> {
  return new Promise((resolve) => {
    const underParent = process.connected;
    let askedAtMs: number | undefined;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (underParent) return;
        askedAtMs ??= performance.now();
        if (performance.now() - askedAtMs > SAME_SIGNAL_MS) process.exit(INTERRUPTED);
        resolve('stop');
      });
    }
    if (!underParent) return;
    process.on('message', (message: StopMessage) => {
      if (message.type === 'stop') resolve('stop');
    });
    process.on('disconnect', () => (orphaned === 'exit' ? process.exit(0) : resolve('stop')));
  });
}

async function closeWithin(part: ProcessPart, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ServiceError('STOPPED', `not stopped within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([part.close(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function failIfError(error: Error | undefined): 'stop' {
  if (error !== undefined) throw error;
  return 'stop';
}

/** Resolves when the message is on its way, also when there is no parent (any more). */
function tellParent(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}
