import { parseArgs } from 'node:util';
import { numberOption, UsageError } from './command-line.ts';

/** What a run is. */
export interface ChaosOptions {
  readonly seed: number;
  /** Instances ended with SIGKILL; other faults come between them. */
  readonly kills: number;
  readonly guarantee: 'exactly_once' | 'at_least_once';
  readonly store: 'memory' | 'lmdb' | 'redis';
  readonly broker: 'embedded' | 'real';
  /** Of an Apache Kafka that runs already, `host:port`; it is not restarted. */
  readonly bootstrap: string | undefined;
  /** 1: a session of 10 s, and faults as far apart as that asks for. */
  readonly timeScale: number;
  /** Records a second over all inputs. */
  readonly rate: number;
  /** Only kills, and each instance comes back at once on its own state, as a static member. */
  readonly inPlace: boolean;
  /** Of each task; with any, what a takeover may lack is little, so that tasks are warmed up where they go. */
  readonly standbys: number;
  /** Leave the directory with logs and data. */
  readonly keep: boolean;
}

export const HELP = `Kills a stream-core application while it works and checks what it wrote.

Usage: npm run chaos:streams -- [options]

  --seed N          decides faults and input (default: by the clock; printed)
  --kills N         instances ended with SIGKILL (100); freezes, broker restarts, cut connections and changes of the number of instances come between
  --guarantee G     exactly_once (default) or at_least_once
  --store S         memory (default), lmdb, or redis: one that is started here
  --broker B        embedded (default) or real: an Apache Kafka, started here unless --bootstrap names one
  --bootstrap H:P   an Apache Kafka on this machine that runs already (it has to allow sessions as short as --time-scale asks for)
  --time-scale X    1: sessions of 10 s; 0.1 (default): of 1 s
  --rate N          input records a second (2000)
  --in-place        only kills, and whoever was killed comes back at once on its own state, as a static member: with lmdb or redis, counts are exact under at_least_once too
  --standbys N      copies of each task's state at other instances (0); with any, tasks move only to who lacks at most 100 changelog offsets
  --keep            leave the directory with logs and data; its place is printed
  --help            this text

Prints "lost A duplicated B wrong C stuck D zombie-writes-refused Z aborted T":
  lost                   what the input asks for and the output does not have
  duplicated             there once more than it should be
  wrong                  what the input does not ask for, or changes in another order
  stuck                  inputs that were not committed within two minutes, and instances that ended by themselves
  zombie-writes-refused  answers in which the broker refused a write of somebody who had been replaced
  aborted                transactions with an abort marker in an output
Exit code 0: the guarantee held (exactly_once: the first four are 0; at_least_once: lost, wrong and stuck are, and nothing was counted more often than it was read); 1: it did not; 2: an option is wrong.
`;

/** Undefined after `--help`. Throws {@link UsageError}. */
export function readOptions(args: readonly string[]): ChaosOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const store = requireOneOf('--store', values.store, ['memory', 'lmdb', 'redis']);
  const timeScale = numberOption('--time-scale', values['time-scale'], 0.05, 10);
  if (values.bootstrap !== undefined && !/^(127\.0\.0\.1|localhost):\d+$/.test(values.bootstrap)) {
    throw new UsageError(`--bootstrap is "${values.bootstrap}"; allowed: 127.0.0.1:port`);
  }
  return {
    seed: numberOption('--seed', values.seed, 0, 2 ** 31),
    kills: numberOption('--kills', values.kills, 0, 100_000),
    guarantee: requireOneOf('--guarantee', values.guarantee, ['exactly_once', 'at_least_once']),
    store,
    broker: requireOneOf('--broker', values.broker, ['embedded', 'real']),
    bootstrap: values.bootstrap,
    timeScale,
    rate: numberOption('--rate', values.rate, 20, 100_000),
    inPlace: values['in-place'],
    standbys: numberOption('--standbys', values.standbys, 0, 2),
    keep: values.keep,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        kills: { type: 'string', default: '100' },
        guarantee: { type: 'string', default: 'exactly_once' },
        store: { type: 'string', default: 'memory' },
        broker: { type: 'string', default: 'embedded' },
        bootstrap: { type: 'string' },
        'time-scale': { type: 'string', default: '0.1' },
        rate: { type: 'string', default: '2000' },
        'in-place': { type: 'boolean', default: false },
        standbys: { type: 'string', default: '0' },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function requireOneOf<T extends string>(name: string, given: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === given);
  if (found === undefined) throw new UsageError(`${name} is "${given}"; allowed: ${allowed.join(', ')}`);
  return found;
}
