import { accountKey, newAccountEntitlement, parseSessionKey, policyKey, sessionKey } from '@playhead/event-schemas';
import type { ConcurrencyLevel, PlaybackHeartbeat, TenantPolicy, TenantSettings } from '@playhead/event-schemas';
import { avroSerde } from '@playhead/event-schemas';
import { InMemorySchemas } from '@playhead/event-schemas/testing';
import { NO_HEADERS, serdes, stores } from '@playhead/stream-core';
import type {
  KafkaStreams,
  KeyValueStore,
  ProcessorContext,
  Punctuator,
  StateStore,
  StoreBuilder,
  StreamRecord,
} from '@playhead/stream-core';

import { EntitlementProcessor } from '../src/entitlement-processor.ts';
import type { Outgoing } from '../src/guard-announcer.ts';
import { GuardProcessor, STORES } from '../src/guard-processor.ts';
import { GuardMetrics } from '../src/metrics/guard-metrics.ts';
import { PolicyBook } from '../src/policies/policy-book.ts';
import { ACCOUNT_STATE_SCHEMA } from '../src/stored-account.ts';
import type { AccountState } from '../src/stored-account.ts';
import { SESSION_STATE_SCHEMA } from '../src/stored-session.ts';
import { sessionOf } from '../src/stored-session.ts';
import type { SessionState, StoredSession } from '../src/stored-session.ts';
import type { GuardOutput, ScenarioBench } from './scenario.ts';

interface Change {
  readonly store: string;
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
}

type StoreCodecs = Parameters<StoreBuilder['build']>[0];

/** Compiling a schema takes longer than a scenario: all benches of a file share their codecs. */
const opened = new Map<string, StoreCodecs>();

async function codecsOf({ name, keySerde, valueSerde }: StoreBuilder): Promise<StoreCodecs> {
  const known = opened.get(name);
  if (known !== undefined) {
    return known;
  }
  const topic = `guard-${name}-changelog`;
  const value = valueSerde.open({ topic, part: 'value', schemas: new InMemorySchemas() });
  await value.ready;
  const codecs = { key: keySerde.open({ topic, part: 'key' }), value };
  opened.set(name, codecs);
  return codecs;
}

type StoreQuery<K, V> = ReturnType<typeof KafkaStreams.prototype.query<K, V>>;

/** Both processors of one task over real stores, whose changelogs are kept: a restart leaves nothing else. */
export class TaskBench implements ScenarioBench {
  /** What the guard is told about the log's end. */
  caughtUp = true;
  readonly book = new PolicyBook();
  readonly metrics = new GuardMetrics();
  readonly #changelog: Change[] = [];
  readonly #outputs: GuardOutput[] = [];
  readonly #levels: ConcurrencyLevel[] = [];
  #stores = new Map<string, StateStore>();
  #guard!: GuardProcessor;
  #entitlements!: EntitlementProcessor;
  #punctuate: Punctuator = () => {};
  #wallMs = 0;

  static async open(): Promise<TaskBench> {
    const bench = new TaskBench();
    await bench.restart();
    return bench;
  }

  /** Changes that the changelogs have. */
  get changes(): number {
    return this.#changelog.length;
  }

  /** As after a crash: nothing is left but the changelogs, of which the brokers have the first `changes`. */
  async restart(changes = this.changes): Promise<void> {
    this.#changelog.length = changes;
    this.#stores = new Map([
      [STORES.accounts, await this.#restored<AccountState>(STORES.accounts, ACCOUNT_STATE_SCHEMA)],
      [STORES.sessions, await this.#restored<StoredSession>(STORES.sessions, SESSION_STATE_SCHEMA)],
    ]);
    this.#guard = new GuardProcessor({
      defaultPlan: { plan: 'default', maxStreams: 2 },
      lease: { intervalMs: 10_000, graceMs: 15_000 },
      sweepIntervalMs: 1000,
      caughtUp: () => this.caughtUp,
      book: this.book,
      metrics: this.metrics,
    });
    this.#guard.init(this.#context());
    this.#entitlements = new EntitlementProcessor();
    this.#entitlements.init(this.#context());
  }

  /** Moves the wall clock, never back. */
  advanceTo(wallMs: number): void {
    if (wallMs > this.#wallMs) {
      this.#wallMs = wallMs;
      this.#punctuate(wallMs);
    }
  }

  send(report: PlaybackHeartbeat, key: string = accountKey(report.tenant, report.account)): void {
    this.#guard.process({ key, value: report, timestamp: report.receivedTime, headers: NO_HEADERS });
  }

  /** Null takes the entitlement back. */
  entitle(account: string, maxStreams: number | null, timestamp: number, plan?: string): void {
    const value =
      maxStreams === null && plan === undefined
        ? null
        : newAccountEntitlement({ tenant: 'demo', account, plan: plan ?? null, maxStreams, updatedAt: timestamp });
    this.#entitlements.process({ key: accountKey('demo', account), value, timestamp, headers: NO_HEADERS });
  }

  /** What was written since the last call. */
  takeOutputs(): GuardOutput[] {
    return this.#outputs.splice(0);
  }

  takeLevels(): ConcurrencyLevel[] {
    return this.#levels.splice(0);
  }

  policy(record: TenantPolicy): void {
    this.book.apply(policyKey(record.tenant, record.policy), record, { partition: 0, offset: 0 });
  }

  settings(record: TenantSettings): void {
    this.book.applySettings(record.tenant, record);
  }

  /** A session of account acc-1. */
  session(session: string): SessionState | undefined {
    const stored = this.#store<StoredSession>(STORES.sessions).get(sessionKey('demo', 'acc-1', session));
    return stored === null ? undefined : sessionOf({ tenant: 'demo', account: 'acc-1', session }, stored);
  }

  /** Stores a session of account acc-1 as a release did that did not know when sessions stop. */
  forgetWhenStopped(session: string): void {
    const store = this.#store<StoredSession>(STORES.sessions);
    const key = sessionKey('demo', 'acc-1', session);
    const stored = store.get(key);
    if (stored !== null) store.put(key, { ...stored, stoppedAt: null }, stored.lastSeenAt);
  }

  /** Account acc-1 as it is stored. */
  account(): AccountState | undefined {
    return this.#store<AccountState>(STORES.accounts).get(accountKey('demo', 'acc-1')) ?? undefined;
  }

  close(): void {
    for (const store of this.#stores.values()) {
      store.close();
    }
  }

  /** Its stores as an application answers questions about them. */
  query = <K, V>(name: string): StoreQuery<K, V> => {
    const store = this.#store<V>(name);
    const query = {
      get: async (key: string) => ({ value: store.get(key) ?? undefined, position: [] }),
      range: async (from: string, to: string, { limit = 1000 }: { readonly limit?: number }) => {
        const entries = [...store.range({ from, to })];
        return { entries: entries.slice(0, limit), truncated: entries.length > limit, position: [] };
      },
    };
    return query as unknown as StoreQuery<K, V>;
  };

  #store<V>(name: string): KeyValueStore<string, V> {
    return this.#stores.get(name) as KeyValueStore<string, V>;
  }

  async #restored<V>(name: string, schema: string): Promise<StateStore> {
    const builder = stores.packedKeyValue<string, V>({ name, key: serdes.string, value: avroSerde<V>(schema) });
    const store = builder.build(await codecsOf(builder));
    const wallMs = (): number => this.#wallMs;
    store.init({
      taskId: '0_0',
      changelog: {
        log: (keyBytes, valueBytes, timestamp) => {
          // The bytes are the codec's own until its next call, and a Buffer's slice() would be a view.
          const value = valueBytes === null ? null : Uint8Array.from(valueBytes);
          this.#changelog.push({ store: name, key: Uint8Array.from(keyBytes), value, timestamp });
        },
      },
      countDropped: () => {},
      record: {
        get timestamp() {
          return wallMs();
        },
        headers: [],
      },
      freezeValues: true,
    });
    for (const change of this.#changelog.filter((one) => one.store === name)) {
      store.restore(change.key, change.value, change.timestamp);
    }
    return store;
  }

  #context(): ProcessorContext<string, Outgoing> {
    return {
      applicationId: 'concurrency-guard',
      taskId: '0_0',
      partition: 0,
      recordMetadata: undefined,
      forward: ({ key, value }: StreamRecord<string, Outgoing>) => {
        if (value !== null && 'level' in value) this.#levels.push(value);
        else this.#outputs.push(value ?? { forgotten: parseSessionKey(key).session });
      },
      schedule: (_intervalMs, _type, punctuator) => {
        this.#punctuate = punctuator;
        return { cancel: () => {} };
      },
      getStateStore: <S extends StateStore>(name: string) => this.#stores.get(name) as S,
      requestCommit: () => {},
      currentStreamTimeMs: () => -1,
      currentSystemTimeMs: () => this.#wallMs,
    };
  }
}
