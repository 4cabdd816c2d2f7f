import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { durationMs, isTenant, url } from '@playhead/service-kit/process';
import type { Environment } from '@playhead/service-kit/process';

/** What to simulate. */
export interface SimulationOptions {
  readonly gateway: string;
  readonly tenant: string;
  readonly viewers: number;
  readonly seed: string;
  /** Undefined: until it is stopped. */
  readonly durationMs: number | undefined;
  /** Over this time the viewers arrive. */
  readonly arrivalMs: number;
}

/** Arguments that cannot be used; the message says which and what is allowed. */
export class ArgumentError extends Error {
  readonly code = 'ARGUMENTS';
}

/** What is printed with `--help` and after a bad argument. */
export const USAGE = `npm run simulate -- [--viewers N | --rate BEATS-PER-SECOND] [--duration 60s] [--seed TEXT]
                    [--gateway http://127.0.0.1:8080] [--tenant demo] [--arrival 10s]

Progress, once a second in a terminal: viewers who are watching, beats a second, and since the start: starts that were admitted, denied (409: too
many streams), stopped (told to by a verdict), put off (answers to come again later, and none at all), and refused otherwise, with the last reason.`;

const MAX_VIEWERS = 100_000;
const DEFAULT_VIEWERS = 200;
/** A viewer who watches beats every 10 s, and watches three quarters of the time (see BEHAVIOUR). */
const VIEWERS_PER_BEAT_A_SECOND = 10 / 0.75;
const DEFAULT_ARRIVAL_MS = 10_000;

/** Reads the command line. Throws `ArgumentError`. */
export function readOptions(args: readonly string[], env: Environment): SimulationOptions {
  const values = parse(args);
  if (values.viewers !== undefined && values.rate !== undefined) {
    throw new ArgumentError('--viewers and --rate say the same in two ways: give one of them');
  }
  const tenant = values.tenant ?? 'demo';
  if (!isTenant(tenant)) throw new ArgumentError(`--tenant ${tenant}: allowed is [a-z0-9-]{1,32}`);
  return {
    gateway: setting('gateway', values.gateway ?? `http://127.0.0.1:${env['GATEWAY_PORT'] ?? 8080}`, url('').parse),
    tenant,
    viewers: values.rate === undefined ? readViewers(values.viewers) : viewersOfRate(values.rate),
    seed: values.seed ?? randomUUID().slice(0, 8),
    durationMs: values.duration === undefined ? undefined : setting('duration', values.duration, durationMs('').parse),
    arrivalMs:
      values.arrival === undefined ? DEFAULT_ARRIVAL_MS : setting('arrival', values.arrival, durationMs('').parse),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        gateway: { type: 'string' },
        tenant: { type: 'string' },
        viewers: { type: 'string' },
        rate: { type: 'string' },
        seed: { type: 'string' },
        duration: { type: 'string' },
        arrival: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function readViewers(text = String(DEFAULT_VIEWERS)): number {
  const viewers = Number(text);
  if (Number.isInteger(viewers) && viewers >= 1 && viewers <= MAX_VIEWERS) return viewers;
  throw new ArgumentError(`--viewers ${text}: allowed are whole numbers from 1 to ${MAX_VIEWERS}`);
}

function viewersOfRate(text: string): number {
  const rate = Number(text);
  const viewers = Math.round(rate * VIEWERS_PER_BEAT_A_SECOND);
  if (rate > 0 && viewers <= MAX_VIEWERS) return Math.max(1, viewers);
  throw new ArgumentError(`--rate ${text}: allowed is more than 0, at most ${MAX_VIEWERS / VIEWERS_PER_BEAT_A_SECOND}`);
}

function setting<T>(name: string, text: string, read: (text: string) => T): T {
  try {
    return read(text);
  } catch (error) {
    throw new ArgumentError(`--${name} ${text}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
