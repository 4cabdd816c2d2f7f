import { HostSteal } from '../host-steal.ts';
import { readHeartbeats } from '../read-heartbeats.ts';
import { LoadProcesses } from './load-processes.ts';
import type { LoadProcess } from './load-processes.ts';
import type { FromLoad, LoadSettings, ToLoad } from './load.ts';
import { BEAT_INTERVAL_MS } from './players.ts';
import type { Counts } from './players.ts';
import type { FromProbe, ProbeResult, ProbeSettings } from './probe.ts';
import type { Services } from './services.ts';

/** Every session begins in it, which costs more than a beat: slower than the beats that are measured. */
export const WARM_UP_SECONDS = 25;
/** Beats of the probe, of all that are posted. */
export const OBSERVED_PER_SECOND = 10;
/** Over all gateways. A player has a connection of its own; more than these are not needed for no beat to wait for another's. */
const LOAD_CONNECTIONS = 2000;
const PROBE_CONNECTIONS = 200;
const NOTHING: Counts = { posted: 0, refusals: {}, acknowledged: 0 };

/** What is measured, and from where. */
export interface MeasureOptions {
  readonly dataDir: string;
  /** Before the command of each process that makes load: `taskset` with cores of their own, or nothing. */
  readonly wrap: readonly string[];
  /** Beats a second, those of the probe among them. */
  readonly rate: number;
  readonly seconds: number;
  /** Ends it before its time; it rejects then. */
  readonly signal: AbortSignal;
}

/** What load and probe saw together. */
export interface Measured extends Omit<ProbeResult, 'counts'> {
  readonly sessions: number;
  readonly posted: number;
  /** How many, by status or what was wrong with the connection. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Acknowledged records less those of the log by their ids: of what was refused none may be in the log, or it hides one that is not. */
  readonly lost: number;
  /** Records that the log has once more: what was sent again. */
  readonly twice: number;
  /** User and system seconds that each service took. */
  readonly cpuSeconds: Readonly<Record<string, number>>;
  readonly steal: HostSteal;
  /** How long it was really measured. */
  readonly elapsedSeconds: number;
}

/** Lets a load and a probe, a process each, work on the services; ends both. Rejects when one of them fails. */
export async function measure(services: Services, options: MeasureOptions): Promise<Measured> {
  const { wrap, signal } = options;
  signal.throwIfAborted();
  const processes = new LoadProcesses(wrap);
  const end = (): void => processes.end();
  signal.addEventListener('abort', end);
  try {
    const load = await startLoad(processes, services, options);
    const probe = startProbe(processes, services, options);
    await probe.heard('measuring');
    load?.tell('count');
    const startedAt = performance.now();
    const before = services.cpuSeconds();
    const steal = new HostSteal();
    const ending = probe.heard('result');
    await Promise.race([probe.heard('measured'), ending]);
    const after = services.cpuSeconds();
    const elapsedSeconds = (performance.now() - startedAt) / 1000;
    steal.end();
    const counting = load?.heard('counts');
    load?.tell('end');
    const ofLoad = (await counting)?.counts ?? NOTHING;
    const { counts: ofProbe, ...times } = (await ending).result;
    const { records, distinct } = await logged(services);
    return {
      ...times,
      sessions: sessionsOf(options.rate),
      posted: ofLoad.posted + ofProbe.posted,
      refusals: sumOf(ofLoad.refusals, ofProbe.refusals),
      lost: ofLoad.acknowledged + ofProbe.acknowledged - distinct,
      twice: records - distinct,
      cpuSeconds: Object.fromEntries(Object.entries(after).map(([name, cpu]) => [name, cpu - (before[name] ?? 0)])),
      steal,
      elapsedSeconds,
    };
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}

/** All beats but those of the probe; resolves when every session has begun. */
async function startLoad(
  processes: LoadProcesses,
  { gateways }: Services,
  { dataDir, rate, wrap }: MeasureOptions,
): Promise<LoadProcess<FromLoad, ToLoad> | undefined> {
  const ofLoad = rate - Math.min(rate, OBSERVED_PER_SECOND);
  if (ofLoad === 0) return undefined;
  const load = processes.start<FromLoad, ToLoad>('load.ts', {
    gateways,
    dataDir,
    name: 'load',
    connections: LOAD_CONNECTIONS,
    sessions: sessionsOf(ofLoad),
    awake: wrap.length > 0,
    rate: ofLoad,
    warmUpSeconds: WARM_UP_SECONDS,
  } satisfies LoadSettings);
  await load.heard('ready');
  return load;
}

function startProbe(
  processes: LoadProcesses,
  { gateways, brokers }: Services,
  { dataDir, rate, seconds, wrap }: MeasureOptions,
): LoadProcess<FromProbe, never> {
  const ofProbe = Math.min(rate, OBSERVED_PER_SECOND);
  return processes.start('probe.ts', {
    gateways,
    dataDir,
    name: 'probe',
    connections: PROBE_CONNECTIONS,
    sessions: sessionsOf(ofProbe),
    awake: wrap.length > 0,
    rate: ofProbe,
    brokers,
    seconds,
  } satisfies ProbeSettings);
}

const sessionsOf = (rate: number): number => (rate * BEAT_INTERVAL_MS) / 1000;

function sumOf(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...names].map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
}

/** What the log of the beats has: records, and how many of them by their id. */
async function logged({
  brokers,
  registry,
}: Services): Promise<{ readonly records: number; readonly distinct: number }> {
  const ids = new Set<string>();
  let records = 0;
  await readHeartbeats({ brokers: brokers.split(','), registry }, ({ eventId }) => {
    records += 1;
    ids.add(eventId);
  });
  return { records, distinct: ids.size };
}
