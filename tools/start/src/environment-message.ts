import type { Environment } from '@playhead/service-kit/process';

/** What a child that waits for it is told by its parent, once the parent knows: variables besides those it was spawned with. */
export interface EnvironmentMessage {
  readonly type: 'environment';
  readonly env: Environment;
}

/**
 * The environment of this process with what its parent adds. A process loads its modules while what it needs is still
 * being started, and waits here. Without a parent it is the environment as it is.
 */
export function completeEnvironment(): Promise<Environment> {
  if (!process.connected) return Promise.resolve(process.env);
  return new Promise((resolve) => {
    process.on('message', (message: EnvironmentMessage | { readonly type: 'stop' }) => {
      if (message.type === 'environment') resolve({ ...process.env, ...message.env });
    });
  });
}
