import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * `npm run bench:guard-memory -- [--streams 1000000] [--rate 5000] [--seconds 60]`: memory of live streams in the guard
 * (store, index and expiry) and garbage collection under their beats. A small young generation keeps pauses short
 * (`--max-semi-space-size=4`), as the service is run in docker/.
 */
const { status } = spawnSync(
  process.execPath,
  ['--expose-gc', '--max-semi-space-size=4', join(import.meta.dirname, 'measure.ts'), ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
