/** The types that DescribeConfigs names. */
export const ConfigType = { BOOLEAN: 1, STRING: 2, INT: 3, LONG: 5, DOUBLE: 6, LIST: 7 } as const;

/** One setting of a topic: Kafka's name, type and default, and what it accepts. */
export interface TopicSetting {
  readonly name: string;
  readonly type: (typeof ConfigType)[keyof typeof ConfigType];
  readonly defaultValue: string;
  /** What is wrong with a value, or null. */
  check(value: string): string | null;
  readonly documentation: string;
}

const MAX_INT = 0x7fff_ffff;
const WEEK_MS = 604_800_000;
const DAY_MS = 86_400_000;
const LONG_MAX = '9223372036854775807';
const INTEGER = /^-?\d{1,19}$/;

function number(
  name: string,
  type: TopicSetting['type'],
  defaultValue: string,
  min: number,
  documentation: string,
): TopicSetting {
  const max = type === ConfigType.INT ? MAX_INT : Number(LONG_MAX);
  const check = (value: string): string | null => {
    if (!INTEGER.test(value)) return `${value} is not an integer`;
    return Number(value) >= min && Number(value) <= max ? null : `${value} is not between ${min} and ${max}`;
  };
  return { name, type, defaultValue, check, documentation };
}

function ratio(name: string, defaultValue: string, documentation: string): TopicSetting {
  const check = (value: string): string | null =>
    value.trim() !== '' && Number(value) >= 0 && Number(value) <= 1 ? null : `${value} is not between 0 and 1`;
  return { name, type: ConfigType.DOUBLE, defaultValue, check, documentation };
}

function oneOf(
  name: string,
  type: TopicSetting['type'],
  allowed: readonly string[],
  documentation: string,
): TopicSetting {
  const check = (value: string): string | null =>
    allowed.includes(value) ? null : `${value} is none of ${allowed.join(', ')}`;
  return { name, type, defaultValue: allowed[0] ?? '', check, documentation };
}

const flag = (name: string, defaultValue: boolean, documentation: string): TopicSetting => ({
  ...oneOf(name, ConfigType.BOOLEAN, ['true', 'false'], documentation),
  defaultValue: String(defaultValue),
});

const cleanupPolicy: TopicSetting = {
  name: 'cleanup.policy',
  type: ConfigType.LIST,
  defaultValue: 'delete',
  check: (value) =>
    splitList(value).every((part) => part === 'delete' || part === 'compact')
      ? null
      : `${value} is no list of delete, compact`,
  documentation:
    'What happens to old records: delete drops whole segments, compact keeps the last value of a key, nothing keeps all (KIP-1161).',
};

/** Settings of a topic that the broker accepts, most of them without effect here because one broker has no replicas and no page cache of its own. */
export const topicSettings: readonly TopicSetting[] = [
  cleanupPolicy,
  number(
    'retention.ms',
    ConfigType.LONG,
    String(WEEK_MS),
    -1,
    'Segments whose newest record is older are dropped; -1 keeps them.',
  ),
  number(
    'retention.bytes',
    ConfigType.LONG,
    '-1',
    -1,
    'The oldest segments are dropped while a partition is larger; -1 keeps them.',
  ),
  number(
    'segment.bytes',
    ConfigType.INT,
    String(64 * 1024 * 1024),
    14,
    'A segment is closed before it grows beyond this.',
  ),
  number(
    'segment.ms',
    ConfigType.LONG,
    String(WEEK_MS),
    1,
    'A segment is closed after this time, so that retention can drop it.',
  ),
  number(
    'max.message.bytes',
    ConfigType.INT,
    '1048588',
    0,
    'The largest record batch that is accepted, after compression.',
  ),
  oneOf(
    'message.timestamp.type',
    ConfigType.STRING,
    ['CreateTime', 'LogAppendTime'],
    'Whose clock stamps the records.',
  ),
  number('message.timestamp.before.max.ms', ConfigType.LONG, LONG_MAX, 0, 'How old a record may be when it arrives.'),
  number(
    'message.timestamp.after.max.ms',
    ConfigType.LONG,
    '3600000',
    0,
    "How far a record's time may be ahead of the broker's.",
  ),
  number(
    'delete.retention.ms',
    ConfigType.LONG,
    String(DAY_MS),
    0,
    'How long a tombstone is kept in a compacted topic.',
  ),
  ratio('min.cleanable.dirty.ratio', '0.5', 'Part of a compacted log that must be new before it is compacted again.'),
  number('min.compaction.lag.ms', ConfigType.LONG, '0', 0, 'How long a record stays out of compaction.'),
  number('max.compaction.lag.ms', ConfigType.LONG, LONG_MAX, 1, 'After how long a record must be compacted.'),
  oneOf(
    'compression.type',
    ConfigType.STRING,
    ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'],
    'Kept as it is: batches stay as the producer made them.',
  ),
  number('compression.gzip.level', ConfigType.INT, '-1', -1, 'Without effect: batches stay as the producer made them.'),
  number('compression.lz4.level', ConfigType.INT, '9', 1, 'Without effect: batches stay as the producer made them.'),
  number(
    'compression.zstd.level',
    ConfigType.INT,
    '3',
    -131_072,
    'Without effect: batches stay as the producer made them.',
  ),
  number('min.insync.replicas', ConfigType.INT, '1', 1, 'Without effect: there is one replica.'),
  number('flush.messages', ConfigType.LONG, LONG_MAX, 1, 'Without effect: see the sync setting of the broker.'),
  number('flush.ms', ConfigType.LONG, LONG_MAX, 0, 'Without effect: see the sync setting of the broker.'),
  number('file.delete.delay.ms', ConfigType.LONG, '60000', 0, 'Without effect: files are deleted at once.'),
  number('index.interval.bytes', ConfigType.INT, '4096', 0, 'Without effect: the interval is fixed.'),
  number('segment.index.bytes', ConfigType.INT, '10485760', 4, 'Without effect: an index grows with its segment.'),
  number('segment.jitter.ms', ConfigType.LONG, '0', 0, 'Without effect.'),
  flag('preallocate', false, 'Without effect.'),
  flag('unclean.leader.election.enable', false, 'Without effect: there is one replica.'),
  flag('message.downconversion.enable', true, 'Without effect: only clients that read format 2 are served.'),
  flag('remote.storage.enable', false, 'Without effect: there are no tiers.'),
];

const byName = new Map(topicSettings.map((setting) => [setting.name, setting]));

/** Settings given for a topic, by name. */
export type TopicConfig = Readonly<Record<string, string>>;

/** What is wrong with a setting (an unknown name, a value out of bounds), or null. */
export function checkTopicSetting(name: string, value: string | null): string | null {
  const setting = byName.get(name);
  if (setting === undefined) return `Unknown topic config name: ${name}`;
  if (value === null) return `${name} needs a value`;
  const problem = setting.check(value);
  return problem === null ? null : `Invalid value for ${name}: ${problem}`;
}

/** What the log of a partition does with its topic's settings. */
export interface LogConfig {
  readonly compact: boolean;
  /** Whether old segments are dropped by time and size. */
  readonly deletes: boolean;
  /** -1: for ever. */
  readonly retentionMs: number;
  /** Per partition; -1: any size. */
  readonly retentionBytes: number;
  readonly segmentBytes: number;
  readonly segmentMs: number;
  /** Part of a compacted log that must be new before it is compacted again, 0 to 1. */
  readonly minCleanableDirtyRatio: number;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
  /** How long a tombstone outlives the first compaction that sees it. */
  readonly deleteRetentionMs: number;
  readonly maxMessageBytes: number;
  readonly logAppendTime: boolean;
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;
}

/** Reads a topic's settings, which have been checked, over the defaults. */
export function toLogConfig(config: TopicConfig): LogConfig {
  const value = (name: string): string => config[name] ?? byName.get(name)?.defaultValue ?? '';
  const policies = splitList(value('cleanup.policy'));
  const compact = policies.includes('compact');
  const maxCompactionLagMs = Number(value('max.compaction.lag.ms'));
  const segmentMs = Number(value('segment.ms'));
  return {
    compact,
    deletes: policies.includes('delete'),
    retentionMs: Number(value('retention.ms')),
    retentionBytes: Number(value('retention.bytes')),
    segmentBytes: Number(value('segment.bytes')),
    // The open segment is never compacted, so it must not be open for longer than a record may wait.
    segmentMs: compact ? Math.min(segmentMs, maxCompactionLagMs) : segmentMs,
    minCleanableDirtyRatio: Number(value('min.cleanable.dirty.ratio')),
    minCompactionLagMs: Number(value('min.compaction.lag.ms')),
    maxCompactionLagMs,
    deleteRetentionMs: Number(value('delete.retention.ms')),
    maxMessageBytes: Number(value('max.message.bytes')),
    logAppendTime: value('message.timestamp.type') === 'LogAppendTime',
    timestampBeforeMaxMs: Number(value('message.timestamp.before.max.ms')),
    timestampAfterMaxMs: Number(value('message.timestamp.after.max.ms')),
  };
}

/** The parts of a list's value, each once. */
export function splitList(value: string): readonly string[] {
  const parts = value.split(',').map((part) => part.trim());
  return [...new Set(parts)].filter((part) => part !== '');
}
