import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startTestBroker } from '@playhead/embedded-kafka/testing';
import type { TestBroker } from '@playhead/embedded-kafka/testing';
import {
  ACCOUNT_ENTITLEMENT_SCHEMA,
  accountKey,
  createTopics,
  deadLetterTopic,
  GUARD_ROUTES,
  nativeEventId,
  newAccountEntitlement,
  newPlaybackHeartbeat,
  newTenantPolicy,
  PLAYBACK_HEARTBEAT_SCHEMA,
  policyKey,
  policyVersion,
  SchemaRegistrySource,
} from '@playhead/event-schemas';
import type { ConcurrencyGuard, HeartbeatType, LogPosition, NewPlaybackHeartbeat } from '@playhead/event-schemas';
import { runService } from '@playhead/service-kit';
import type { RunningService } from '@playhead/service-kit';
import { testIdentity } from '@playhead/service-kit/testing';
import { KafkaClient, RecordProducer, TailReader } from '@playhead/stream-core/client';
import { concurrencyGuard } from '../src/service.ts';

// Deadlines are for a machine that does much else meanwhile.
jest.setTimeout(60_000);

const TIMEOUT_MS = 30_000;
const ENTITLED_AT = 1_790_000_000_000;
const topics = createTopics({ partitions: 4, replicationFactor: 1 });
const keys = testIdentity('gateway');
const closers: (() => Promise<void>)[] = [];
let broker: TestBroker;
let producer: RecordProducer;
let schemas: SchemaRegistrySource;
let client: KafkaClient;
let guard: RunningService<ConcurrencyGuard>;

async function startGuard(): Promise<void> {
  guard = await runService(concurrencyGuard(), {
    env: {
      KAFKA_BROKERS: broker.address,
      SCHEMA_REGISTRY_URL: broker.registryUrl,
      AUTO_REGISTER_SCHEMAS: 'true',
      CONCURRENCY_GUARD_ADMIN_PORT: '0',
      PLAYHEAD_DATA_DIR: keys.dataDir,
      LOG_LEVEL: 'fatal',
    },
  });
  await guard.ready;
}

beforeAll(async () => {
  broker = await startTestBroker();
  await startGuard();
  client = new KafkaClient({ brokers: [broker.address], clientId: 'test' });
  schemas = new SchemaRegistrySource({ url: broker.registryUrl, autoRegister: true });
  producer = new RecordProducer(client, { schemas });
});

afterAll(async () => {
  await Promise.all(closers.map((close) => close()));
  await guard.close();
  await producer.close();
  await client.close();
  await broker.close();
  keys.remove();
});

/** Appends a report of a session, as the gateway does; gives its place in the log. */
async function append(
  type: Exclude<HeartbeatType, 'UNKNOWN' | 'EVIDENCE'>,
  account: string,
  session: string,
  fields: Partial<NewPlaybackHeartbeat> = {},
): Promise<LogPosition> {
  const now = Date.now();
  const sequence = fields.sequence ?? 0;
  const value = newPlaybackHeartbeat({
    eventId: nativeEventId({ session, type, sequence }),
    type,
    tenant: 'demo',
    account,
    session,
    sequence,
    source: 'NATIVE',
    receivedTime: now,
    eventTime: now,
    ...fields,
  });
  const key = accountKey('demo', account);
  const { partition, offset } = await producer.send({ topic: topics.heartbeats, key, value, timestamp: now });
  return { topic: topics.heartbeats.name, partition, offset };
}

/** Null takes the entitlement back. */
async function entitle(account: string, maxStreams: number | null): Promise<void> {
  const key = accountKey('demo', account);
  const set = { tenant: 'demo', account, plan: 'basic', maxStreams, updatedAt: ENTITLED_AT, updatedBy: 'operator' };
  const value = maxStreams === null ? null : newAccountEntitlement(set);
  const { partition, offset } = await producer.send({ topic: topics.entitlements, key, value });
  const position = { topic: topics.entitlements.name, partition, offset };
  await guard.lookups.entitlementApplied({ tenant: 'demo', account, position, timeoutMs: TIMEOUT_MS });
}

const whose = (account: string) => ({ tenant: 'demo', account, timeoutMs: TIMEOUT_MS });

async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) {
      return found;
    }
    if (Date.now() > deadline) {
      throw new Error(`${what} did not happen within ${TIMEOUT_MS} ms`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

/** The records of a topic as they come. */
async function tail<V>(topic: ConstructorParameters<typeof TailReader<string, V>>[1]['topic']) {
  const seen: { readonly key: string | null; readonly value: V | null }[] = [];
  const errors: Error[] = [];
  const reader = new TailReader(client, {
    topic,
    from: 'earliest',
    schemas,
    onRecord: (record) => seen.push(record),
    onError: (error) => errors.push(error),
  });
  closers.push(() => reader.close());
  await reader.start();
  await reader.caughtUp;
  return { seen, errors };
}

test('a policy is in force, and gone, when the guard has read the record at the place that Kafka told', async () => {
  const document = JSON.stringify({ policy: 'p', rules: [{ rule: 'one', max: 1 }] });
  const record = newTenantPolicy({ tenant: 'other', policy: 'p', version: 0, document, updatedAt: ENTITLED_AT });
  for (const value of [record, null]) {
    const { partition, offset } = await producer.send({ topic: topics.policies, key: policyKey('other', 'p'), value });
    const version = value === null ? null : policyVersion(value, offset);
    const position = { topic: topics.policies.name, partition, offset };
    const asked = { tenant: 'other', timeoutMs: TIMEOUT_MS };
    await guard.lookups.policyApplied({ ...asked, policy: 'p', version, position });
    expect(Object.keys(await guard.lookups.policies(asked))).toEqual(value === null ? [] : ['p']);
  }
});

test('an entitlement is told as it was set, and the default plan once it is taken back', async () => {
  const none = { plan: 'default', maxStreams: 2, isOwn: false };
  expect(await guard.lookups.entitlement(whose('acc-set'))).toEqual(none);
  await entitle('acc-set', 4);
  const set = { plan: 'basic', maxStreams: 4, isOwn: true, updatedAt: ENTITLED_AT, updatedBy: 'operator' };
  expect(await guard.lookups.entitlement(whose('acc-set'))).toEqual(set);
  for (let twice = 0; twice < 2; twice++) {
    await entitle('acc-set', null);
    expect(await guard.lookups.entitlement(whose('acc-set'))).toEqual(none);
  }
});

test('decides on two starts where they stand in the log, and publishes the refusal', async () => {
  await entitle('acc-1', 1);
  const first = await append('START', 'acc-1', 'a', { device: 'tv', content: 'film-1' });
  const second = await append('START', 'acc-1', 'b', { device: 'phone' });
  const decisions = await Promise.all([
    guard.lookups.decide({ ...whose('acc-1'), session: 'a', position: first }),
    guard.lookups.decide({ ...whose('acc-1'), session: 'b', position: second }),
  ]);
  expect(decisions).toMatchObject([
    { decision: 'allow', usage: { current: 1, max: 1 } },
    { decision: 'deny', reason: 'concurrency-limit', conflicts: [{ sessionId: 'a', device: 'tv', content: 'film-1' }] },
  ]);
  const verdicts = await tail(topics.verdicts);
  const stopped = await until('the verdict on b', () => verdicts.seen.find(({ key }) => key === 'demo/acc-1/b'));
  expect(stopped.value).toMatchObject({ verdict: 'STOP', reason: 'concurrency-limit', session: 'b' });
  const audit = await tail(topics.decisions);
  await until('both decisions', () => (audit.seen.length >= 2 ? true : undefined));
  expect(audit.seen.map(({ value }) => value?.decision)).toEqual(['ALLOW', 'DENY']);
});

test('shows a beat in the lookup, and the stream in the list', async () => {
  await append('BEAT', 'acc-2', 'c', { sequence: 4, device: 'tablet', content: 'film-2', kind: 'VOD' });
  const view = await until('the beat', () => guard.lookups.session({ ...whose('acc-2'), session: 'c' }));
  expect(view).toMatchObject({ state: 'active', lastSequence: 4, beats: 1 });
  expect(await guard.lookups.streams(whose('acc-2'))).toMatchObject({
    streams: [{ sessionId: 'c', device: 'tablet', content: 'film-2', kind: 'VOD' }],
  });
});

test('answers a gateway in another process', async () => {
  const token = keys.identity.serviceTokens.sign({ tenant: 'demo', account: 'acc-1' });
  const response = await fetch(`http://127.0.0.1:${guard.adminPort}/internal/v1${GUARD_ROUTES.session}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ ...whose('acc-1'), session: 'b' }),
  });
  expect(await response.json()).toMatchObject({ answer: { sessionId: 'b', verdict: 'stop' } });
});

describe('what cannot be read or does not belong there', () => {
  const key = Buffer.from(accountKey('demo', 'acc-3'));
  /** Something in the wire format under the id of a subject's schema. */
  const under = async (subject: string, schema: string, rest: string): Promise<Buffer> => {
    const id = await schemas.idOf(subject, schema);
    return Buffer.from(`00${id.toString(16).padStart(8, '0')}${rest}`, 'hex');
  };
  test.each<[string, () => Promise<Buffer> | Buffer, RegExp]>([
    ['bytes that are no event', () => Buffer.from('{"type":"BEAT"}'), /starts with byte 0x7b/],
    ['an unknown schema id', () => Buffer.from('00000f42400000', 'hex'), /schema 1000000/],
    [
      'an event of another topic',
      () => under(topics.entitlements.subject, ACCOUNT_ENTITLEMENT_SCHEMA, '00'),
      /which does not resolve/,
    ],
    [
      'an event cut short',
      () => under(topics.heartbeats.subject, PLAYBACK_HEARTBEAT_SCHEMA, '00'),
      /cannot be read with schema/,
    ],
  ])('%s: goes to the dead letters with the reason, and the next beat goes through', async (_name, make, reason) => {
    const value = await make();
    const letters = await tailHeaders();
    const before = (await guard.lookups.session({ ...whose('acc-3'), session: 'd' }))?.beats ?? 0;
    await producer.send({ topic: topics.heartbeats.name, key, value, partition: await partitionOf('acc-3') });
    await append('BEAT', 'acc-3', 'd', { sequence: before });
    const view = await until('the next beat', async () => {
      const found = await guard.lookups.session({ ...whose('acc-3'), session: 'd' });
      return found?.beats === before + 1 ? found : undefined;
    });
    expect(view.state).toBe('active');
    const letter = await until('the dead letter', () => letters.find((one) => one.value.equals(value)));
    expect(letter.headers).toMatch(reason);
  });

  /** Dead letters with their headers as one text. */
  async function tailHeaders(): Promise<{ readonly value: Buffer; readonly headers: string }[]> {
    const letters: { readonly value: Buffer; readonly headers: string }[] = [];
    const reader = new TailReader(client, {
      topic: deadLetterTopic(topics.heartbeats),
      from: 'earliest',
      onRecord: ({ value, headers }) => {
        const texts = headers.map((header) => Buffer.from(header.value ?? []).toString());
        letters.push({ value: Buffer.from(value ?? []), headers: texts.join('\n') });
      },
      onError: () => {},
    });
    closers.push(() => reader.close());
    await reader.start();
    await reader.caughtUp;
    return letters;
  }

  /** Where the account's records go. */
  async function partitionOf(account: string): Promise<number> {
    return (await append('STOP', account, 'probe')).partition;
  }
});

test('a restart shows entitlements, decisions, stop verdicts and counts as before', async () => {
  const look = () =>
    Promise.all([
      guard.lookups.session({ ...whose('acc-1'), session: 'a' }),
      guard.lookups.session({ ...whose('acc-1'), session: 'b' }),
      guard.lookups.session({ ...whose('acc-2'), session: 'c' }),
    ]);
  const before = await look();
  await guard.close();
  await startGuard();
  expect(await look()).toEqual(before);
  const position = await append('START', 'acc-1', 'e', { device: 'laptop' });
  expect(await guard.lookups.decide({ ...whose('acc-1'), session: 'e', position })).toMatchObject({
    decision: 'deny',
    usage: { current: 1, max: 1 },
  });
});
