import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Differs after each start of the machine. Undefined where it cannot be known: then every crash counts as a power cut. */
export function bootId(): string | undefined {
  try {
    if (process.platform === 'linux') return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    if (process.platform === 'darwin')
      return execFileSync('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim();
    return undefined;
  } catch {
    return undefined;
  }
}
