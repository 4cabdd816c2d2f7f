import { parseArgs } from 'node:util';
import { numberOption, UsageError } from '@playhead/chaos-streams/testing';

/** What a series of runs is. */
export interface VerifyOptions {
  readonly seed: number;
  /** Runs: with this seed and the ones after it. */
  readonly seeds: number;
  readonly accounts: number;
  readonly broker: 'embedded' | 'real';
  readonly timeScale: number;
  /** Beat intervals that a run lasts. */
  readonly intervals: number;
  readonly keep: boolean;
}

export const HELP = `Drives gateways and guards over HTTP while they are killed, and checks from the outside what they decided.

Usage: npm run verify:concurrency -- [options]

  --seed N         decides viewers and faults (default: by the clock; printed)
  --seeds N        runs, with this seed and the ones after it (1)
  --accounts N     accounts of a run, each with up to 6 devices (20)
  --broker B       embedded (default) or real: an Apache Kafka started here
  --time-scale X   0.1 (default): beats every second, leases of 2.5 s, sessions of the group of 0.6 s; 1: the true times
  --intervals N    length of a run in beat intervals (20)
  --keep           leave the directory with logs and data; its place is printed
  --help           this text

Prints a line of numbers for each seed, and their sum:
  violations            rules that were broken, each named with account and times (the README has the rules)
  starts                asked; admitted: by the guard; refused: 409; unanswered: any other status
  unchecked             admitted by the fail rule while no guard answered; unchecked-over-limit: of those, more than the account may have
  stops-too-early       terminations of sessions whose start waited on another gateway's disk
  stops-unheard         beats told to go on after a stop that their gateway could not hear of without the broker
  beats-acknowledged    answered 200; beats-unanswered: not; beats-late: those in the log that had waited on a disk
  verdicts-stop         sessions that were told to stop
  lookups               asked beside all that
  grace-starts          warned, because they are over the limit for a grace; grace-stops: judged after it, and stopped
  oldest-ended          streams that a newer one ended
  kept-starts, kept-refusals
                        of accounts whose devices are kept: admitted, refused
  shadow-excess         admitted although a rule in shadow would refuse all
  exempt-starts         of exempt content
  evidence-posts        acknowledged; authorized, unauthorized: answers to whether media may be served to streams of which nothing else is known
  named-sessions        sessions whose names those of other accounts have too; named-ended: by an operator; named-refusals: over the limit
  beats-after-stop      acknowledged after the session's own stop
  stops-heard           as events of the accounts; event-connections: for that; event-resets: that said that events may be missing
  guard-kills, guard-restarts, guard-freezes, gateway-kills, broker-restarts, clock-steps
                        faults that were done; clocks of gateways are put to and fro in one of three seeds;
  starts-by-wrong-clock admitted by a gateway whose clock was off
  replays, forged-tickets, forged-sequences, foreign-stops
                        what was tried by those who may not
Exit code 0: no violation; 1: there are some, or a process ended by itself; 2: an option is wrong.
`;

/** Undefined after `--help`. Throws {@link UsageError}. */
export function readOptions(args: readonly string[]): VerifyOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  if (values.broker !== 'embedded' && values.broker !== 'real') {
    throw new UsageError(`--broker is "${values.broker}"; allowed: embedded, real`);
  }
  return {
    seed: whole('--seed', values.seed, 0, 2 ** 31),
    seeds: whole('--seeds', values.seeds, 1, 10_000),
    accounts: whole('--accounts', values.accounts, 1, 1_000),
    broker: values.broker,
    timeScale: numberOption('--time-scale', values['time-scale'], 0.1, 2),
    intervals: whole('--intervals', values.intervals, 2, 1_000),
    keep: values.keep,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        seeds: { type: 'string', default: '1' },
        accounts: { type: 'string', default: '20' },
        broker: { type: 'string', default: 'embedded' },
        'time-scale': { type: 'string', default: '0.1' },
        intervals: { type: 'string', default: '20' },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function whole(name: string, given: string, min: number, max: number): number {
  const value = numberOption(name, given, min, max);
  if (Number.isInteger(value)) return value;
  throw new UsageError(`${name} is "${given}"; allowed: whole numbers from ${min} to ${max}`);
}
