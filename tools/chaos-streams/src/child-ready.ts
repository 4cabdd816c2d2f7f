import type { ChildProcess } from 'node:child_process';

/** What a child says over IPC once it does its work; service-kit's `runProcess` and the development broker do. */
export interface ReadyMessage {
  readonly type: 'ready';
  /** Of a broker: where it listens. */
  readonly port?: number;
}

const READY_TIMEOUT_MS = 60_000;

/** Resolves when a child says that it is ready; rejects with what it says when it has failed, when it ends before, and after a minute. */
export function childReady(child: ChildProcess, name: string): Promise<ReadyMessage> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      child.off('message', heard).off('exit', ended).off('error', failed);
      act();
    };
    const fail = (why: string): void => settle(() => reject(new Error(`${name} ${why}`)));
    const heard = (message: ReadyMessage | { readonly type?: 'failed'; readonly message?: string }): void => {
      if (message.type === 'ready') settle(() => resolve(message));
      else if (message.type === 'failed') fail(`could not start: ${message.message}`);
    };
    const ended = (code: number | null, signal: string | null): void =>
      fail(`ended with ${code ?? signal} before it was ready`);
    const failed = (error: Error): void => fail(`could not be started: ${error.message}`);
    const timer = setTimeout(() => fail(`was not ready within ${READY_TIMEOUT_MS} ms`), READY_TIMEOUT_MS);
    child.on('message', heard).on('exit', ended).on('error', failed);
  });
}
