import { parseArgs } from 'node:util';
import { isTenant, url } from '@playhead/service-kit/process';
import type { Environment } from '@playhead/service-kit/process';

/** What to replay, and how. */
export interface ReplayOptions {
  readonly files: readonly string[];
  /** 1: the recorded spacing; 10: ten times as fast. */
  readonly speed: number;
  /** Recordings side by side; undefined: as many as there are, up to `MAX_SIDE_BY_SIDE`. */
  readonly parallel: number | undefined;
  readonly gateway: string;
  readonly tenant: string;
}

/** Arguments that cannot be used; the message says which and what is allowed. */
export class ArgumentError extends Error {
  readonly code = 'ARGUMENTS';
}

/** What is printed with `--help` and after a bad argument. */
export const USAGE = `npm run -s replay -- [--speed N] [--parallel N] [--gateway http://127.0.0.1:8080] [--tenant demo] FILE…
Files: captures of players' CMCD reports, or neutral events, as JSON lines; packed with gzip (.gz) or not.`;

const MAX_SPEED = 10_000;
const MAX_PARALLEL = 10_000;

/** Reads the command line. Throws `ArgumentError`. */
export function readOptions(args: readonly string[], env: Environment): ReplayOptions {
  const { values, positionals } = parse(args);
  const tenant = values.tenant ?? 'demo';
  if (positionals.length === 0) throw new ArgumentError('which file?');
  if (!isTenant(tenant)) throw new ArgumentError(`--tenant ${tenant}: allowed is [a-z0-9-]{1,32}`);
  const speed = Number(values.speed ?? 1);
  if (!(speed > 0 && speed <= MAX_SPEED)) {
    throw new ArgumentError(`--speed ${values.speed}: allowed is more than 0, at most ${MAX_SPEED}`);
  }
  const parallel = values.parallel === undefined ? undefined : Number(values.parallel);
  if (parallel !== undefined && !(Number.isInteger(parallel) && parallel >= 1 && parallel <= MAX_PARALLEL)) {
    throw new ArgumentError(`--parallel ${values.parallel}: allowed are whole numbers from 1 to ${MAX_PARALLEL}`);
  }
  return { files: positionals, speed, parallel, gateway: gatewayOf(values.gateway, env), tenant };
}

function gatewayOf(text: string | undefined, env: Environment): string {
  try {
    return url('').parse(text ?? `http://127.0.0.1:${env['GATEWAY_PORT'] ?? 8080}`);
  } catch (error) {
    throw new ArgumentError(`--gateway ${text}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parse(args: readonly string[]) {
  try {
    const option = { type: 'string' } as const;
    const options = { speed: option, parallel: option, gateway: option, tenant: option };
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error));
  }
}
