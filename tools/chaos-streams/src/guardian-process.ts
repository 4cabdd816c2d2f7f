import { readFileSync, rmSync } from 'node:fs';
import type { GuardianMessage } from './guardian.ts';

// The parent's end of the channel closes with the parent: that is the sign. A terminal's signals are for the parent.
const pids = new Set<number>();
const pidFiles = new Set<string>();
const directories = new Set<string>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

process.on('message', (message: GuardianMessage) => {
  if ('watch' in message) pids.add(message.watch);
  else if ('forget' in message) pids.delete(message.forget);
  else if ('pidFile' in message) pidFiles.add(message.pidFile);
  else directories.add(message.removeDirectory);
});

process.on('disconnect', () => {
  for (const file of pidFiles) {
    const pid = Number(read(file));
    if (pid > 0) pids.add(pid);
  }
  for (const pid of pids) kill(pid);
  for (const directory of directories) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  process.exit();
});

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
