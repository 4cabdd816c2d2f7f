import { expect, test } from '@jest/globals';
import { BrokerError } from '../../src/kafka/errors.ts';
import { checkSettings } from '../../src/runtime/internal-topic-settings.ts';
import { silent } from './runtime-fakes.ts';

const CREATE_TIME = { 'message.timestamp.type': 'CreateTime' };
/** What the runtime makes, by the kind of topic. */
const WANTED = {
  'key-value changelog': { 'cleanup.policy': 'compact', ...CREATE_TIME },
  'window changelog': { 'cleanup.policy': 'compact,delete', 'retention.ms': '90000000', ...CREATE_TIME },
  'versioned changelog': { 'cleanup.policy': 'compact', 'min.compaction.lag.ms': '90000000', ...CREATE_TIME },
  'join changelog': { 'cleanup.policy': 'delete', 'retention.ms': '90000000', ...CREATE_TIME },
  'repartition topic': { 'cleanup.policy': 'delete', 'retention.ms': '-1', ...CREATE_TIME },
} as const;

const check = (kind: keyof typeof WANTED, settings: Record<string, string | null>): Promise<void> =>
  checkSettings(
    { describeTopicConfig: () => Promise.resolve(new Map(Object.entries({ ...CREATE_TIME, ...settings }))) },
    [{ topic: 'app-t', partitions: 1, configs: WANTED[kind] }],
    silent,
  );

test.each<[keyof typeof WANTED, Record<string, string>, string]>([
  ['key-value changelog', { 'cleanup.policy': 'delete' }, 'app-t has cleanup.policy=delete; allowed: compact'],
  ['key-value changelog', { 'cleanup.policy': 'compact,delete' }, 'cleanup.policy=compact,delete; allowed: compact'],
  [
    'window changelog',
    { 'cleanup.policy': 'delete', 'retention.ms': '1000' },
    'app-t has retention.ms=1000; allowed: 90000000 and more',
  ],
  [
    'versioned changelog',
    { 'cleanup.policy': 'compact', 'min.compaction.lag.ms': '0' },
    'min.compaction.lag.ms=0; allowed: 90000000 and more',
  ],
  ['join changelog', { 'cleanup.policy': 'compact' }, 'cleanup.policy=compact; allowed: delete'],
  [
    'repartition topic',
    { 'cleanup.policy': 'delete', 'retention.ms': '604800000' },
    'retention.ms=604800000; allowed: -1',
  ],
  ['repartition topic', { 'cleanup.policy': 'compact' }, 'cleanup.policy=compact; allowed: delete'],
  [
    'key-value changelog',
    { 'cleanup.policy': 'compact', 'message.timestamp.type': 'LogAppendTime' },
    'message.timestamp.type=LogAppendTime; allowed: CreateTime',
  ],
])('a %s with %j is refused, naming what is allowed', async (kind, settings, message) => {
  const checked = check(kind, settings);
  await expect(checked).rejects.toMatchObject({ code: 'STREAMS_TOPOLOGY' });
  await expect(checked).rejects.toThrow(message);
});

test.each<[keyof typeof WANTED, Record<string, string>]>([
  ['key-value changelog', { 'cleanup.policy': 'compact', 'retention.ms': '1000' }],
  ['window changelog', { 'cleanup.policy': 'delete,compact', 'retention.ms': '-1' }],
  ['window changelog', { 'cleanup.policy': 'compact', 'retention.ms': '1000' }],
  ['versioned changelog', { 'cleanup.policy': 'compact', 'min.compaction.lag.ms': '90000001' }],
  ['repartition topic', { 'cleanup.policy': 'delete', 'retention.ms': '-1' }],
])('a %s with %j passes', async (kind, settings) => {
  await expect(check(kind, settings)).resolves.toBeUndefined();
});

test('settings that may not be read are not checked', async () => {
  const warnings: string[] = [];
  const refused = new BrokerError('no', { reason: 'TOPIC_AUTHORIZATION_FAILED', recovery: 'fatal', brokerCode: 29 });
  await checkSettings(
    { describeTopicConfig: () => Promise.reject(refused) },
    [{ topic: 'app-t', partitions: 1, configs: WANTED['key-value changelog'] }],
    { ...silent, warn: (_fields, message) => void warnings.push(message) },
  );
  expect(warnings).toEqual(['the settings of an internal topic cannot be read and are not checked']);
});
