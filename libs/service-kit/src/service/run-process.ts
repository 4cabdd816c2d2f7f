import { ConfigError } from '../settings/load-settings.ts';
import { ServiceError } from './service-error.ts';

/**
 * A process that is asked to stop in one of two ways:
 *
 *     on its own      SIGTERM, SIGINT, SIGHUP ──▶ close ──▶ exit 0      (a second signal: exit at once)
 *     under a parent  {type:'stop'}, or the parent is gone ──▶ close ──▶ exit 0      (signals are the parent's business)
 *
 * and that exits with 1 when it could not start, failed while it ran, or did not close in time.
 */

/** What a process runs. */
export interface ProcessPart {
  /** Resolves when the part does its work for the first time; rejects when it never will. */
  readonly ready: Promise<unknown>;
  /** Resolves when the part has ended by itself: with an error, or with undefined when it has done what it had to. */
  readonly ended?: Promise<Error | undefined>;
  close(): Promise<void>;
}

/** How `runProcess` behaves. */
export interface ProcessOptions {
  readonly closeTimeoutMs: number;
}

/** What a child tells its parent. */
export type ChildMessage = { readonly type: 'ready' } | { readonly type: 'failed'; readonly message: string };

/** What a parent tells its child. */
export interface StopMessage {
  readonly type: 'stop';
}

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/** The usual exit code after SIGINT. */
const INTERRUPTED = 130;

/** Starts a part and runs it until it is asked to stop. Ends the process itself; never rejects. */
export async function runProcess(start: () => Promise<ProcessPart>, options: ProcessOptions): Promise<void> {
  const stopped = stopRequest();
  let part: ProcessPart | undefined;
  try {
    const starting = start();
    // Asked to stop before it runs: there is nothing to finish, and what is open closes with the process.
    if ((await Promise.race([starting, stopped])) === 'stop') process.exit(0);
    part = await starting;
    const ended = part.ended ?? new Promise<never>(() => {});
    const first = await Promise.race([part.ready.then(() => 'ready'), stopped, ended.then(failIfError)]);
    if (first === 'ready') {
      await tellParent({ type: 'ready' });
      await Promise.race([stopped, ended.then(failIfError)]);
    }
    await closeWithin(part, options.closeTimeoutMs);
    process.exit(0);
  } catch (error) {
    const message = describeFailure(error);
    process.stderr.write(`${message}\n`);
    await tellParent({ type: 'failed', message });
    if (part !== undefined) await closeWithin(part, options.closeTimeoutMs).catch(() => {});
    process.exit(1);
  }
}

/** What is shown of an error that ends a process: the message alone where it is meant for whoever starts it. */
export function describeFailure(error: unknown): string {
  if (error instanceof ConfigError || error instanceof ServiceError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function stopRequest(): Promise<'stop'> {
  return new Promise((resolve) => {
    const underParent = process.connected;
    let asked = false;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (underParent) return;
        if (asked) process.exit(INTERRUPTED);
        asked = true;
        resolve('stop');
      });
    }
    if (!underParent) return;
    process.on('message', (message: StopMessage) => {
      if (message.type === 'stop') resolve('stop');
    });
    process.on('disconnect', () => resolve('stop'));
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
