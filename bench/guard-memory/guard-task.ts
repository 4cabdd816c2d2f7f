import { InMemorySchemas } from '@playhead/event-schemas/testing';
import { avroSerde } from '@playhead/event-schemas';
import type { SlottedKeyValueStore, ProcessorContext, StateStore, StoreBuilder } from '@playhead/stream-core';
import { serdes, stores } from '@playhead/stream-core';
import { GuardProcessor, STORES } from '../../apps/concurrency-guard/src/guard-processor.ts';
import type { Outgoing } from '../../apps/concurrency-guard/src/guard-announcer.ts';
import { GuardMetrics } from '../../apps/concurrency-guard/src/metrics/guard-metrics.ts';
import { PolicyBook } from '../../apps/concurrency-guard/src/policies/policy-book.ts';
import { ACCOUNT_STATE_SCHEMA } from '../../apps/concurrency-guard/src/stored-account.ts';
import { SESSION_STATE_SCHEMA } from '../../apps/concurrency-guard/src/stored-session.ts';

/** The guard's processor over the stores that the service has, without Kafka: what it writes is counted and dropped. */
export interface GuardTask {
  readonly guard: GuardProcessor;
  readonly sessions: SlottedKeyValueStore<string, unknown>;
  readonly accounts: SlottedKeyValueStore<string, unknown>;
  /** As the runtime does at `sweepIntervalMs`. */
  tick(wallMs: number): void;
  /** Records that it wrote. */
  readonly written: { outputs: number; changelogBytes: number };
}

/** Opens the task; `now` is the wall clock. */
export async function openGuardTask(
  lease: { readonly intervalMs: number; readonly graceMs: number },
  now: () => number,
): Promise<GuardTask> {
  const written = { outputs: 0, changelogBytes: 0 };
  const [accounts, sessions] = await Promise.all(
    [
      stores.packedKeyValue({ name: STORES.accounts, key: serdes.string, value: avroSerde(ACCOUNT_STATE_SCHEMA) }),
      stores.packedKeyValue({ name: STORES.sessions, key: serdes.string, value: avroSerde(SESSION_STATE_SCHEMA) }),
    ].map((builder) => openStore(builder as StoreBuilder, written)),
  );
  if (accounts === undefined || sessions === undefined) throw new TypeError('no stores');
  let punctuate: (wallMs: number) => void = () => {};
  const context: ProcessorContext<string, Outgoing> = {
    applicationId: 'concurrency-guard',
    taskId: '0_0',
    partition: 0,
    recordMetadata: undefined,
    forward: () => {
      written.outputs++;
    },
    schedule: (_intervalMs, _type, punctuator) => {
      punctuate = punctuator;
      return { cancel: () => {} };
    },
    getStateStore: <S extends StateStore>(name: string) =>
      (name === STORES.accounts ? accounts : sessions) as unknown as S,
    requestCommit: () => {},
    currentStreamTimeMs: () => -1,
    currentSystemTimeMs: now,
  };
  const guard = new GuardProcessor({
    defaultPlan: { plan: 'default', maxStreams: 2 },
    lease,
    sweepIntervalMs: 1000,
    caughtUp: () => true,
    book: new PolicyBook(),
    metrics: new GuardMetrics(),
  });
  guard.init(context);
  return { guard, accounts, sessions, written, tick: (wallMs) => punctuate(wallMs) };
}

async function openStore(
  builder: StoreBuilder,
  written: { changelogBytes: number },
): Promise<SlottedKeyValueStore<string, unknown>> {
  const topic = `guard-${builder.name}-changelog`;
  const value = builder.valueSerde.open({ topic, part: 'value', schemas: new InMemorySchemas() });
  await value.ready;
  const store = builder.build({ key: builder.keySerde.open({ topic, part: 'key' }), value });
  store.init({
    taskId: '0_0',
    changelog: {
      log: (key, bytes) => {
        written.changelogBytes += key.length + (bytes?.length ?? 0);
      },
    },
    countDropped: () => {},
    record: { timestamp: 0, headers: [] },
    freezeValues: false,
  });
  return store as SlottedKeyValueStore<string, unknown>;
}
