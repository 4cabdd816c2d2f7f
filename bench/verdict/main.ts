import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine, numberOption, optionsOrExit, UsageError } from '@playhead/chaos-streams/testing';
import { moveHousekeeping } from '../housekeeping.ts';
import { pollIdleCores } from '../idle-cores.ts';
import { ms, percentile } from '../percentile.ts';
import { pinning } from '../pinning.ts';
import { measure, OBSERVED_PER_SECOND, WARM_UP_SECONDS } from './measure.ts';
import { isWithin } from './own-stalls.ts';
import { servicesEach, servicesInOne } from './services.ts';
import type { Services } from './services.ts';
import type { Timed } from './timed.ts';

/** As a shell has it for a program that SIGINT ended. */
const INTERRUPTED = 130;

const HELP = `From a beat's post to its sequence in the session's lookup, and admissions beside it, at a steady rate.

Usage: npm run bench:verdict -- [options]

  --rate N         beats a second (500)
  --seconds N      how long it is measured, after ${WARM_UP_SECONDS} s in which every session begins and 30 s at the full rate (30)
  --processes P    each (default): a process for each service; one: gateway and guard share one, as with npm start
  --gateways N     gateways, a process each; players of one account go to one of them (1)
  --idle I         what cores do when they have nothing to do. poll (default): wait for work, as with the kernel's
                   idle=poll (by /dev/cpu_dma_latency, which may need root); halt: what the machine has them do. The
                   host of a virtual machine gives a core that halts to others, and back tens of milliseconds later
  --help           this text

With cores of their own for services and load, whatever else runs on this machine, the kernel's threads too, is kept on the load's (needs root), and put back at the end.

  refused                        beats, starts and stops that were not taken or had no answer, and why
  observed, never seen           ${OBSERVED_PER_SECOND} beats a second by a process of its own, whose sequence was looked for in the lookup, and was not there within its time
  lost, twice                    acknowledged records less those of the topic by their ids, exact when nothing was refused;
                                 and records that the topic has twice
  unchecked                      starts that the tenant's rule admitted because the guard did not answer
  broker's produce → fetch       the least that any of it can take here
  the host took                  what a virtual machine's host gave to others (steal); and the times of what began in
                                 seconds in which it took less than 1 %, from 2 s before to 1 s after
  the probe itself stood still   when the process that observes did not go on for more than 5 ms, and the times without
                                 those of what was under way then: they may have been shorter
Exit code 1: something was refused or lost, a beat was never seen, or none was observed.`;

/** Median, 99th percentile and the longest. */
function spread(times: readonly Timed[]): string {
  if (times.length === 0) return 'none';
  const tookMs = times.map((one) => one.tookMs);
  return `p50 ${ms(percentile(tookMs, 0.5))}, p99 ${ms(percentile(tookMs, 0.99))}, max ${ms(percentile(tookMs, 1))}`;
}

const values = commandLine(HELP, {
  rate: { type: 'string', default: '500' },
  seconds: { type: 'string', default: '30' },
  /** `each`: a process for each service; `one`: gateway and guard share one, as `npm start` has it. */
  processes: { type: 'string', default: 'each' },
  /** Gateways, with a process each; players of one account go to one of them. */
  gateways: { type: 'string', default: '1' },
  /** `poll` or `halt`. */
  idle: { type: 'string', default: 'poll' },
});
const { rate, seconds, gateways } = optionsOrExit(() => {
  if (!['poll', 'halt'].includes(values.idle)) throw new UsageError(`--idle is "${values.idle}"; allowed: poll, halt`);
  if (!['each', 'one'].includes(values.processes))
    throw new UsageError(`--processes is "${values.processes}"; allowed: each, one`);
  return {
    rate: numberOption('--rate', values.rate, 1, 100_000),
    seconds: numberOption('--seconds', values.seconds, 1, 3600),
    gateways: numberOption('--gateways', values.gateways, 1, values.processes === 'one' ? 1 : 16),
  };
});
const cores = pinning();
const idleCores = values.idle === 'poll' && pollIdleCores() ? 'idle cores poll' : 'idle cores halt';
const dataDir = await mkdtemp(join(tmpdir(), 'playhead-bench-'));
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
let services: Services | undefined;
let putBackHousekeeping: (() => void) | undefined;

try {
  putBackHousekeeping = cores.others === undefined ? undefined : moveHousekeeping(cores.others);
  const housekeeping = `everything else ${putBackHousekeeping ? `on ${cores.others}` : 'anywhere'}`;
  services =
    values.processes === 'one'
      ? await servicesInOne(dataDir, cores.underTest)
      : await servicesEach(dataDir, cores.underTest, gateways);
  const { signal } = interrupted;
  const result = await measure(services, { dataDir, wrap: cores.load, rate, seconds, signal });
  const { latencies, answers, admissions, floorMs, steal } = result;
  const refusals = Object.entries(result.refusals);
  const why = refusals.map(([reason, count]) => ` (${count}: ${reason})`).join('');
  const refused = refusals.reduce((sum, [, count]) => sum + count, 0);
  console.log(`${cores.described}; ${housekeeping}; ${idleCores}; ${services.described}`);
  console.log(
    `${result.posted} beats of ${result.sessions} sessions in ${result.elapsedSeconds.toFixed(1)} s, ${refused} refused${why}, ${latencies.length} observed, ${result.unseen} never seen, ${result.lost} lost, ${result.twice} twice`,
  );
  console.log(`beat posted → in the lookup: ${spread(latencies)}`);
  console.log(`beat posted → answered:      ${spread(answers)}`);
  console.log(
    `admission:                   ${spread(admissions)} (${admissions.length} starts, ${result.unchecked} unchecked)`,
  );
  console.log(
    `broker's produce → fetch:    p50 ${ms(percentile(floorMs, 0.5))}, p99 ${ms(percentile(floorMs, 0.99))}, max ${ms(percentile(floorMs, 1))} (${floorMs.length} records)`,
  );
  const wasQuiet = ({ atMs }: Timed): boolean => steal.wasQuiet(atMs);
  const [quiet, quietAdmissions] = [latencies.filter(wasQuiet), admissions.filter(wasQuiet)];
  console.log(
    `the host took ${(100 * steal.share).toFixed(1)} % of the cores; where it took less than 1 %: lookup ${spread(quiet)} (${quiet.length} of ${latencies.length}), admission ${spread(quietAdmissions)} (${quietAdmissions.length})`,
  );
  if (result.stalls !== undefined) {
    const { stalls } = result;
    const isUndisturbed = (one: Timed): boolean => !isWithin(stalls, one);
    const [beats, starts] = [latencies.filter(isUndisturbed), admissions.filter(isUndisturbed)];
    const stalledMs = stalls.reduce((sum, { tookMs }) => sum + tookMs, 0);
    console.log(
      `the probe itself stood still ${stalls.length} times for more than 5 ms, ${ms(stalledMs)} in all; outside of that: lookup ${spread(beats)} (${beats.length} of ${latencies.length}), admission ${spread(starts)} (${starts.length})`,
    );
  }
  const shares = Object.entries(result.cpuSeconds).map(
    ([name, used]) => `${name} ${((100 * used) / result.elapsedSeconds).toFixed(0)} %`,
  );
  console.log(`CPU, of a core: ${shares.join(', ')}; load average ${loadavg()[0]!.toFixed(1)}`);
  if (refused > 0 || result.unseen > 0 || result.lost > 0 || latencies.length === 0) process.exitCode = 1;
} catch (error) {
  if (!interrupted.signal.aborted) throw error;
  process.exitCode = INTERRUPTED;
} finally {
  putBackHousekeeping?.();
  await services?.stop();
  await rm(dataDir, { recursive: true, force: true });
}
