import { describe, expect, test } from '@jest/globals';
import { StreamsError } from '../../src/errors.ts';
import { resolveConfig, type StreamsConfig } from '../../src/runtime/streams-config.ts';

const minimal: StreamsConfig = { applicationId: 'guard', kafka: { brokers: ['127.0.0.1:9092'], clientId: 'guard' } };

describe('settings of an application', () => {
  test('have defaults', () => {
    expect(resolveConfig(minimal)).toMatchObject({
      commitIntervalMs: 100,
      sessionTimeoutMs: 10_000,
      heartbeatIntervalMs: 500,
      sliceMs: 5,
      replicationFactor: -1,
      offsetReset: 'earliest',
      queryTimeoutMs: 2_000,
    });
  });

  test('default handlers fail', () => {
    const { handlers } = resolveConfig(minimal);
    expect([
      handlers.deserialization({} as never),
      handlers.processing({} as never),
      handlers.production({} as never),
    ]).toEqual(['fail', 'fail', 'fail']);
  });

  test('an address loses its last slash', () => {
    const config = resolveConfig({ ...minimal, applicationServer: 'http://127.0.0.1:8091/' });
    expect(config.applicationServer).toBe('http://127.0.0.1:8091');
  });

  test.each<[string, Partial<StreamsConfig>, string]>([
    ['application id', { applicationId: 'a b' }, 'applicationId is "a b"'],
    ['brokers', { kafka: { brokers: [], clientId: 'x' } }, 'kafka.brokers is empty'],
    ['address', { applicationServer: '127.0.0.1:80' }, 'applicationServer is "127.0.0.1:80"'],
    ['slice', { sliceMs: 11 }, 'sliceMs is 11; allowed: integers from 1 to 10'],
    ['commit interval', { commitIntervalMs: 0.5 }, 'commitIntervalMs is 0.5'],
    ['heartbeats beside the session', { heartbeatIntervalMs: 6_000 }, 'at most half of sessionTimeoutMs (10000)'],
    [
      'commit interval, longer than a transaction may be,',
      { processingGuarantee: 'exactly_once', commitIntervalMs: 10_000 },
      'commitIntervalMs is 10000; allowed under exactly_once: less than transactionTimeoutMs (10000)',
    ],
    ['offset reset', { offsetReset: 'Latest' as never }, 'offsetReset is "Latest"; allowed: earliest, latest'],
    [
      'handler',
      { handlers: { deserialization: 'continue' as never } },
      'handlers.deserialization is "continue"; allowed: a function',
    ],
    ['table of handlers', { handlers: 'continue' as never }, 'handlers is "continue"; allowed: an object of functions'],
    ['clock', { clock: 5 as never }, 'clock is 5; allowed: a function'],
    ['table of tags', { clientTags: 'a' as never }, 'clientTags is "a"; allowed: an object of text'],
    ['tag', { clientTags: { zone: 1 as never } }, 'clientTags is {"zone":1}; allowed: an object of text'],
    [
      'number that is text',
      { numStandbyReplicas: '1' as never },
      'numStandbyReplicas is "1"; allowed: integers from 0 to 10',
    ],
    ['empty instance id', { groupInstanceId: '' }, 'groupInstanceId is empty'],
  ])('refuses a wrong %s', (_, wrong, message) => {
    expect(() => resolveConfig({ ...minimal, ...wrong })).toThrow(message);
  });

  test('all problems are named at once', () => {
    const wrong = { ...minimal, applicationId: '', sliceMs: 0, maxBufferedBytes: -1 };
    expect(() => resolveConfig(wrong)).toThrow(StreamsError);
    expect(() => resolveConfig(wrong)).toThrow(/applicationId.*maxBufferedBytes.*sliceMs/);
  });
});

test.each([
  ['nothing', undefined, 'the configuration is undefined; allowed: an object'],
  ['an empty object', {}, /applicationId is missing.*kafka.brokers is empty/],
  ['no application', { kafka: { brokers: ['127.0.0.1:9092'] } }, /applicationId is missing/],
  [
    'a port there is not',
    { applicationId: 'app', kafka: { brokers: ['127.0.0.1:99999'] } },
    /kafka.brokers: "127.0.0.1:99999" is no/,
  ],
])('%s is no configuration, for callers without types too', (_what, config, problem) => {
  expect(() => resolveConfig(config as never)).toThrow(problem);
});

describe('a name that no setting has is refused', () => {
  const state = { lmdb: { stateDir: '/state' } };
  test.each<[string, object, string | RegExp]>([
    ['a letter missing', { comitIntervalMs: 5 }, 'comitIntervalMs is no setting; did you mean commitIntervalMs?'],
    ['letters swapped', { state: { lmdb: { stateDri: '/state' } } }, 'did you mean state.lmdb.stateDir?'],
    ['the name in Kafka Streams', { 'commit.interval.ms': 5 }, 'did you mean commitIntervalMs?'],
    ['another case', { kafka: { ...minimal.kafka, clientid: 'x' } }, 'did you mean kafka.clientId?'],
    [
      'of SASL',
      { kafka: { ...minimal.kafka, sasl: { user: 'a', usernme: 'a' } } },
      'did you mean kafka.sasl.username?',
    ],
    ['of the producer', { producer: { linger: 1, lingerMS: 1 } }, 'did you mean producer.lingerMs?'],
    ['of a handler', { handlers: { deserialisation: () => 'fail' } }, 'did you mean handlers.deserialization?'],
    ['of Redis', { state: { redis: { url: 'redis://h:1', uri: 'redis://h:1' } } }, 'did you mean state.redis.url?'],
    ['beside a storage', { state: { ...state, cacheBytes: 1 } }, 'state.cacheBytes is no setting'],
    ['one of every object', { toString: 1 }, 'toString is no setting'],
    ['near nothing', { parallelism: 4 }, /: parallelism is no setting$/],
  ])('%s', (_, wrong, message) => {
    expect(() => resolveConfig({ ...minimal, ...wrong })).toThrow(message);
  });

  test('with all other problems at once', () => {
    const wrong = { ...minimal, comitIntervalMs: 5, sliceMs: 0, producer: { lingreMs: 1 } };
    expect(() => resolveConfig(wrong as never)).toThrow(/comitIntervalMs.*producer.lingreMs.*sliceMs/);
  });

  test('unless its value is undefined, or the names are the callers own', () => {
    const own = { clientTags: { zone: 'a' }, internalTopicConfigs: { 'min.insync.replicas': '1' } };
    const kafka = { ...minimal.kafka, ssl: { ca: 'a certificate' } };
    const config = { ...minimal, ...own, kafka, state, comitIntervalMs: undefined };
    expect(resolveConfig(config)).toMatchObject({ ...own, kafka, state, commitIntervalMs: 100 });
  });
});
