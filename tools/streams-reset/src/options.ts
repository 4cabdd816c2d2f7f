import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { KafkaClientOptions, ResetOptions } from '@playhead/stream-core/client';

/** A reset and the cluster that it is done on. */
export interface Arguments {
  readonly reset: ResetOptions;
  readonly client: KafkaClientOptions;
}

/** An option is wrong; the message says what is allowed. */
export class UsageError extends Error {}

export const HELP = `Makes a stream-core application begin anew: sets its inputs to where it shall begin and deletes its internal topics.

Usage: npm run streams:reset -- --application-id ID [options]

  --application-id ID     the application; every instance must be stopped
  --brokers H:P,…         where Kafka is (127.0.0.1:9092)
  --to-earliest           inputs begin at their first record (default)
  --to-latest             inputs begin after their last record
  --to-datetime T         … at the first record of that time or younger: ISO 8601, such as 2026-11-21T18:00:00Z
  --by-duration D         … at the first record of so long ago or younger: 90s, 15m, 12h or 7d
  --input-topics T,…      inputs that neither the application's record nor its group names
  --internal-topics T,…   internal topics to delete that no record names
  --client-config FILE    JSON with further settings of the client: ssl, sasl, retryTimeoutMs
  --state-dir DIR         wipe the state that an instance has stored there; without it instances forget their state when they begin
  --redis URL             wipe the state that the application has stored there
  --dry-run               only say what would be done
  --help                  this text

Topics that the application writes, and dead letters, stay. Exit code 0: done; 1: it could not be done; 2: an option is wrong.
`;

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(\d{1,9})([smhd])$/;

/** Undefined after `--help`. Throws {@link UsageError}. */
export function readArguments(args: readonly string[]): Arguments | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const applicationId = values['application-id'];
  if (applicationId === undefined || !/^[A-Za-z0-9._-]{1,100}$/.test(applicationId)) {
    throw new UsageError(`--application-id is ${applicationId ?? 'missing'}; allowed: 1 to 100 of A-Z a-z 0-9 . _ -`);
  }
  return {
    reset: {
      applicationId,
      to: targetOf(values),
      inputTopics: listOf(values['input-topics']),
      internalTopics: listOf(values['internal-topics']),
      dryRun: values['dry-run'],
      state: stateOf(values),
    },
    client: {
      clientId: 'streams-reset',
      retryTimeoutMs: 30_000,
      ...settingsIn(values['client-config']),
      brokers: listOf(values.brokers),
    },
  };
}

type Values = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        'application-id': text,
        brokers: { ...text, default: '127.0.0.1:9092' },
        'to-earliest': flag,
        'to-latest': flag,
        'to-datetime': text,
        'by-duration': text,
        'input-topics': text,
        'internal-topics': text,
        'client-config': text,
        'state-dir': text,
        redis: text,
        'dry-run': flag,
        help: flag,
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function targetOf(values: Values): ResetOptions['to'] {
  const { 'to-datetime': time, 'by-duration': duration, 'to-latest': latest, 'to-earliest': earliest } = values;
  const said = [time !== undefined, duration !== undefined, latest, earliest].filter(Boolean);
  if (said.length > 1) {
    throw new UsageError('allowed: one of --to-earliest, --to-latest, --to-datetime, --by-duration');
  }
  if (time !== undefined) return { atMs: timeOf(time) };
  if (duration !== undefined) return { agoMs: durationOf(duration) };
  return latest ? 'latest' : 'earliest';
}

function stateOf({ 'state-dir': stateDir, redis: url }: Values): ResetOptions['state'] {
  if (stateDir !== undefined && url !== undefined) throw new UsageError('allowed: one of --state-dir, --redis');
  if (stateDir !== undefined) return { lmdb: { stateDir } };
  return url === undefined ? undefined : { redis: { url } };
}

function timeOf(text: string): number {
  const atMs = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(atMs)) throw new UsageError(`--to-datetime is "${text}"; allowed: such as 2026-11-21T18:00:00Z`);
  return atMs;
}

function durationOf(text: string): number {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  if (amount === undefined || unit === undefined) {
    throw new UsageError(`--by-duration is "${text}"; allowed: such as 90s, 15m, 12h, 7d`);
  }
  return Number(amount) * (UNITS_MS[unit] ?? 0);
}

const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

function settingsIn(file: string | undefined): Partial<KafkaClientOptions> {
  if (file === undefined) return {};
  try {
    const settings: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof settings === 'object' && settings !== null) return settings;
  } catch (error) {
    throw new UsageError(`--client-config ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new UsageError(`--client-config ${file} holds no JSON object`);
}
