import {
  accountKey,
  newAccountEntitlement,
  parseSessionKey,
  policyKey,
  sessionKey,
  topics,
} from '@playhead/event-schemas';
import type {
  AccountEntitlement,
  ConcurrencyLevel,
  PlaybackDecision,
  PlaybackHeartbeat,
  PlaybackVerdict,
  TenantPolicy,
  TenantSettings,
} from '@playhead/event-schemas';
import { InMemorySchemas } from '@playhead/event-schemas/testing';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import type { TestInputTopic, TestOutputTopic } from '@playhead/stream-core/testing';
import { STORES } from '../src/guard-processor.ts';
import { sessionOf } from '../src/stored-session.ts';
import type { SessionState, StoredSession } from '../src/stored-session.ts';
import { buildTopology } from '../src/topology.ts';
import type { GuardOutput, ScenarioBench } from './scenario.ts';
import { EPOCH_MS } from './scenario.ts';

/** The whole topology in the test driver: bytes in, bytes out, frozen stores, virtual time. */
export class DriverBench implements ScenarioBench {
  readonly #log: { isRead: boolean };
  readonly #driver: TopologyTestDriver;
  readonly #heartbeats: TestInputTopic<string, PlaybackHeartbeat>;
  readonly #entitlements: TestInputTopic<string, AccountEntitlement>;
  readonly #verdicts: TestOutputTopic<string, PlaybackVerdict>;
  readonly #decisions: TestOutputTopic<string, PlaybackDecision>;
  readonly #concurrency: TestOutputTopic<string, ConcurrencyLevel>;
  readonly #policies: TestInputTopic<string, TenantPolicy>;
  readonly #settings: TestInputTopic<string, TenantSettings>;
  #levels: ConcurrencyLevel[] = [];
  #taken = 0;

  private constructor(driver: TopologyTestDriver, log: { isRead: boolean }) {
    this.#driver = driver;
    this.#log = log;
    this.#heartbeats = driver.createInputTopic(topics.heartbeats);
    this.#entitlements = driver.createInputTopic(topics.entitlements);
    this.#verdicts = driver.createOutputTopic(topics.verdicts);
    this.#decisions = driver.createOutputTopic(topics.decisions);
    this.#concurrency = driver.createOutputTopic(topics.concurrency);
    this.#policies = driver.createInputTopic(topics.policies);
    this.#settings = driver.createInputTopic(topics.tenantSettings);
  }

  static async open(): Promise<DriverBench> {
    const log = { isRead: true };
    const driver = await TopologyTestDriver.create(buildTopology({ caughtUp: () => log.isRead }), {
      schemas: new InMemorySchemas(),
      initialWallClockTimeMs: EPOCH_MS,
    });
    return new DriverBench(driver, log);
  }

  get caughtUp(): boolean {
    return this.#log.isRead;
  }

  set caughtUp(isRead: boolean) {
    this.#log.isRead = isRead;
  }

  restart(): Promise<void> {
    throw new Error('the test driver cannot crash yet: scenarios with a restart run on TaskBench');
  }

  advanceTo(wallMs: number): void {
    if (wallMs > this.#driver.nowMs) {
      this.#driver.advanceWallClockTime(wallMs - this.#driver.nowMs);
    }
  }

  send(report: PlaybackHeartbeat, key: string = accountKey(report.tenant, report.account)): void {
    this.#heartbeats.pipeInput(report, key, report.receivedTime);
  }

  entitle(account: string, maxStreams: number | null, timestamp: number, plan?: string): void {
    const entitlement = { tenant: 'demo', account, plan: plan ?? null, maxStreams, updatedAt: timestamp };
    const value = maxStreams === null && plan === undefined ? null : newAccountEntitlement(entitlement);
    this.#entitlements.pipeInput(value, accountKey('demo', account), timestamp);
  }

  takeOutputs(): GuardOutput[] {
    const fresh = this.#driver.produced.slice(this.#taken);
    this.#taken = this.#driver.produced.length;
    return fresh.flatMap(({ topic }): GuardOutput[] => {
      if (topic === this.#decisions.name) {
        return [this.#decisions.readRecord().value as PlaybackDecision];
      }
      if (topic === this.#concurrency.name) {
        this.#levels.push(this.#concurrency.readRecord().value as ConcurrencyLevel);
        return [];
      }
      if (topic !== this.#verdicts.name) {
        return [];
      }
      const { key, value } = this.#verdicts.readRecord();
      return [value ?? { forgotten: parseSessionKey(key ?? '').session }];
    });
  }

  takeLevels(): ConcurrencyLevel[] {
    return this.#levels.splice(0);
  }

  policy(record: TenantPolicy): void {
    this.#policies.pipeInput(record, policyKey(record.tenant, record.policy), record.updatedAt);
  }

  settings(record: TenantSettings): void {
    this.#settings.pipeInput(record, record.tenant, record.updatedAt);
  }

  session(session: string): SessionState | undefined {
    const sessions = this.#driver.keyValueStore<string, StoredSession>(STORES.sessions);
    const stored = sessions.get(sessionKey('demo', 'acc-1', session));
    return stored === null ? undefined : sessionOf({ tenant: 'demo', account: 'acc-1', session }, stored);
  }

  close(): void {
    this.#driver.close();
  }
}
