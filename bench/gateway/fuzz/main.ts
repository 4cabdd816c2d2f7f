import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine, numberOption, optionsOrExit, seededRandom } from '@playhead/chaos-streams/testing';
import { createServiceIdentity, loadSettings, sharedSettings } from '@playhead/service-kit/process';
import { servicesEach } from '../../verdict/services.ts';
import { BodyFuzzer } from './fuzz-bodies.ts';
import { MemoryWatch } from './memory-watch.ts';
import { runSchemathesis } from './schemathesis.ts';

/** `npm run fuzz:gateway`: a broker, a guard and a gateway in a process each under schemathesis and fuzzed bodies. */
const SAMPLES_A_ROUND = 5;
const SHOWN = 20;
const OWNER = { tenant: 'demo', account: 'acc-1', profile: 'p-1', device: 'tv-1' };

const HELP = `Hostile input against a whole Playhead: broker, guard and gateway in a process each, on free ports.

Usage: npm run fuzz:gateway -- [options]

  --bodies N             fuzzed bodies of a round (100000)
  --rounds N             rounds; memory after the first is compared with memory after the last (3)
  --examples N           examples of each operation, by schemathesis (30)
  --seed N               decides bodies, callers and examples (default: by the clock; printed)
  --venv DIR             a Python environment that has schemathesis, or gets it; without it one is made and removed
  --skip-schemathesis    only the bodies
  --help                 this text

First schemathesis (PyPI) over the OpenAPI document as viewer, service, operator and with a ticket, going on after failures.
Then bodies to every operation that takes one. Printed are how often each status was answered (-1: none, the connection was
closed behind an answer), and the memory of each process in MiB, first before the bodies and then ${SAMPLES_A_ROUND} times a round:
  reachable in the heap       what is in use after a forced collection; this and the next must not grow
  reachable outside it        buffers and other memory of the system that objects in the heap hold
  held by V8 for the heap     what V8 took of the system for the heap and has not handed back
  neither                     resident without the two before: code, threads, memory of malloc
  resident                    all memory of the process, after that collection
Exit code 0: no 5xx, no status that is not documented, memory flat; 1: there was one, or memory grew; 2: an option is wrong.`;

const options = commandLine(HELP, {
  bodies: { type: 'string', default: '100000' },
  rounds: { type: 'string', default: '3' },
  examples: { type: 'string', default: '30' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  venv: { type: 'string' },
  'skip-schemathesis': { type: 'boolean', default: false },
});
const whole = (name: 'bodies' | 'rounds' | 'examples' | 'seed', min: number): number =>
  optionsOrExit(() => numberOption(`--${name}`, options[name], min, 1_000_000_000));
process.exitCode = (await fuzz()) ? 0 : 1;

async function fuzz(): Promise<boolean> {
  const [bodies, rounds] = [whole('bodies', 1), whole('rounds', 2)];
  const [examples, seed] = [whole('examples', 1), whole('seed', 0)];
  const directory = await mkdtemp(join(tmpdir(), 'playhead-fuzz-'));
  const probe = join(import.meta.dirname, '../../memory-probe.ts');
  const services = await servicesEach(join(directory, 'data'), [], 1, ['--expose-gc', '--import', probe]);
  try {
    const gateway = services.gateways[0]!;
    const callers = await callersOf(join(directory, 'data'), services.brokers);
    let isClean = true;
    if (!options['skip-schemathesis']) {
      const environment = options.venv ?? join(directory, 'venv');
      for (const [caller, headers] of Object.entries(callers)) {
        isClean = runSchemathesis({ gateway, examples, seed, environment, directory }, caller, headers) && isClean;
      }
    }
    const watch = new MemoryWatch(services.processes);
    const fuzzer = await BodyFuzzer.create(gateway, Object.values(callers), seededRandom(seed).next);
    await watch.sample();
    for (let sample = 0; sample < rounds * SAMPLES_A_ROUND; sample++) {
      await fuzzer.send(Math.ceil(bodies / SAMPLES_A_ROUND));
      await watch.sample();
    }
    fuzzer.close();
    const { lines, isFlat } = watch.growth(SAMPLES_A_ROUND);
    const statuses = [...fuzzer.statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
    console.log(`${rounds} rounds of ${bodies} fuzzed bodies (seed ${seed}): ${statuses.join(', ')}`);
    for (const line of [...watch.lines(), ...lines]) console.log(line);
    for (const line of fuzzer.wrong.slice(0, SHOWN)) console.log(`WRONG ${line}`);
    console.log(`${fuzzer.wrong.length} answers of 5xx or of a status that is not documented`);
    console.log(`memory ${isFlat ? 'flat' : 'NOT FLAT'}; load average ${loadavg()[0]!.toFixed(1)}`);
    return isClean && isFlat && fuzzer.wrong.length === 0;
  } finally {
    await services.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Headers with credentials of one account, by caller. */
async function callersOf(
  dataDir: string,
  brokers: string,
): Promise<Readonly<Record<string, Readonly<Record<string, string>>>>> {
  const identity = createServiceIdentity(
    'fuzz',
    loadSettings(sharedSettings, { PLAYHEAD_DATA_DIR: dataDir, KAFKA_BROKERS: brokers }),
  );
  const bearer = async (role: string): Promise<Readonly<Record<string, string>>> => {
    return { authorization: `Bearer ${await identity.development!.signToken({ ...OWNER, roles: [role] })}` };
  };
  const ticket = identity.tickets.sign({
    ...OWNER,
    session: 'session-1',
    content: 'film-1',
    kind: 'VOD',
    intervalMs: 10_000,
  });
  return {
    viewer: await bearer('viewer'),
    service: await bearer('service'),
    operator: await bearer('operator'),
    ticket: { 'playback-ticket': ticket },
  };
}
