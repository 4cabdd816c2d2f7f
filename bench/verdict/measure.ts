import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { childReady } from '@playhead/chaos-streams/testing';
import { createTopics, SchemaRegistrySource } from '@playhead/event-schemas';
import { KafkaClient, TailReader } from '@playhead/stream-core/client';
import { HostSteal } from '../host-steal.ts';
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
  const { dataDir, wrap, rate, seconds, signal } = options;
  const { gateways, brokers } = services;
  const children: ChildProcess[] = [];
  const end = (): void => {
    for (const child of children) if (child.connected) child.disconnect();
  };
  const start = (program: string, settings: LoadSettings | ProbeSettings): ChildProcess => {
    const [command, ...args] = [
      ...wrap,
      process.execPath,
      join(import.meta.dirname, program),
      JSON.stringify(settings),
    ];
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.on('error', end);
    // One that fails takes the other along, which whoever waits for it hears.
    child.once('exit', end);
    children.push(child);
    return child;
  };
  signal.addEventListener('abort', end);
  const awake = wrap.length > 0;
  const probeRate = Math.min(rate, OBSERVED_PER_SECOND);
  const loadRate = rate - probeRate;
  const [probeSessions, loadSessions] = [sessionsOf(probeRate), sessionsOf(loadRate)];
  try {
    signal.throwIfAborted();
    let load: ChildProcess | undefined;
    if (loadRate > 0) {
      load = start('load.ts', {
        gateways,
        dataDir,
        name: 'load',
        connections: LOAD_CONNECTIONS,
        sessions: loadSessions,
        awake,
        rate: loadRate,
        warmUpSeconds: WARM_UP_SECONDS,
      });
      await childReady(load, 'the load');
    }
    const tellLoad = (message: ToLoad): void => void load?.send(message, () => {});
    const probe = start('probe.ts', {
      gateways,
      dataDir,
      name: 'probe',
      connections: PROBE_CONNECTIONS,
      sessions: probeSessions,
      awake,
      rate: probeRate,
      brokers,
      seconds,
    });
    await heard<FromProbe, 'measuring'>(probe, 'measuring');
    tellLoad('count');
    const startedAt = performance.now();
    const before = services.cpuSeconds();
    const steal = new HostSteal();
    const ending = heard<FromProbe, 'result'>(probe, 'result');
    await Promise.race([heard<FromProbe, 'measured'>(probe, 'measured'), ending]);
    const after = services.cpuSeconds();
    const elapsedSeconds = (performance.now() - startedAt) / 1000;
    steal.end();
    const counting = load === undefined ? undefined : heard<FromLoad, 'counts'>(load, 'counts');
    tellLoad('end');
    const ofLoad = (await counting)?.counts ?? NOTHING;
    const { counts: ofProbe, ...times } = (await ending).result;
    const { records, distinct } = await logged(services);
    return {
      ...times,
      sessions: probeSessions + loadSessions,
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

const sessionsOf = (rate: number): number => (rate * BEAT_INTERVAL_MS) / 1000;

/** The next message of a type; rejects when the process ends before. */
async function heard<M extends { readonly type: string }, T extends M['type']>(
  child: ChildProcess,
  type: T,
): Promise<Extract<M, { readonly type: T }>> {
  const { promise, resolve, reject } = Promise.withResolvers<Extract<M, { readonly type: T }>>();
  const ended = (code: number | null, signal: string | null): void =>
    reject(new Error(`a load ended with ${code ?? signal} before it was "${type}"`));
  if (child.exitCode !== null || child.signalCode !== null) ended(child.exitCode, child.signalCode);
  const listen = (message: M): void => {
    if (message.type === type) resolve(message as Extract<M, { readonly type: T }>);
  };
  child.on('message', listen).on('exit', ended).on('error', reject);
  try {
    return await promise;
  } finally {
    child.off('message', listen).off('exit', ended).off('error', reject);
  }
}

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
  const client = new KafkaClient({ brokers: brokers.split(','), clientId: 'bench-log' });
  const reader = new TailReader(client, {
    topic: createTopics({ partitions: 4, replicationFactor: 1 }).heartbeats,
    from: 'earliest',
    schemas: new SchemaRegistrySource({ url: registry }),
    onRecord: ({ value }) => {
      if (value === null) return;
      records += 1;
      ids.add(value.eventId);
    },
    onError: (error) => {
      throw error;
    },
  });
  await reader.start();
  await reader.caughtUp;
  await reader.close();
  await client.close();
  return { records, distinct: ids.size };
}
