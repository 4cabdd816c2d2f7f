/** Whether internal topics that exist keep what the application needs: nobody may have them compacted or emptied behind its back. */
import { TopologyError } from '../errors.ts';
import { BrokerError } from '../kafka/errors.ts';
import type { Logger, NewTopic } from '../kafka/types.ts';

/** The part of `KafkaClient` that is needed. */
export interface TopicSettingsReader {
  describeTopicConfig(topic: string): Promise<ReadonlyMap<string, string | null>>;
}

/**
 * Compares the settings of existing topics with the wanted ones as Kafka Streams does: a cleanup policy may not discard what the wanted one keeps, and what is deleted by time must be
 * kept as long. Rejects with one `TopologyError` that names every problem. Settings that may not be read are not checked, with a warning.
 */
export async function checkSettings(
  admin: TopicSettingsReader,
  existing: readonly NewTopic[],
  logger: Logger,
): Promise<void> {
  const problems = await Promise.all(existing.map((wanted) => problemsOf(admin, wanted, logger)));
  const found = problems.flat();
  if (found.length === 0) return;
  throw new TopologyError(
    `internal topics have settings that lose what the application needs: ${found.join('; ')}. Change them (kafka-configs.sh --alter --entity-type topics --entity-name <topic> --add-config <setting>), or say otherwise by internalTopicConfigs`,
  );
}

async function problemsOf(
  admin: TopicSettingsReader,
  { topic, configs = {} }: NewTopic,
  logger: Logger,
): Promise<string[]> {
  let settings: ReadonlyMap<string, string | null>;
  try {
    settings = await admin.describeTopicConfig(topic);
  } catch (error) {
    if (!(error instanceof BrokerError) || error.retriable || error.reason === 'CLIENT_CLOSED') throw error;
    logger.warn({ err: error, topic }, 'the settings of an internal topic cannot be read and are not checked');
    return [];
  }
  return [...policyProblems(topic, configs, settings), ...timestampProblems(topic, configs, settings)];
}

type Settings = ReadonlyMap<string, string | null>;
type Wanted = Readonly<Record<string, string>>;

function policyProblems(topic: string, wanted: Wanted, settings: Settings): string[] {
  const keep = policiesOf(wanted['cleanup.policy']);
  const present = policiesOf(settings.get('cleanup.policy') ?? undefined);
  if (keep.length === 0 || present.length === 0) return [];
  const tooMuch = present.filter((policy) => !keep.includes(policy));
  if (tooMuch.length > 0) {
    return [`${topic} has cleanup.policy=${present.join(',')}; allowed: ${keep.join(',')}`];
  }
  const problems = present.includes('delete') ? atLeast('retention.ms', topic, wanted, settings) : [];
  return present.includes('compact')
    ? [...problems, ...atLeast('min.compaction.lag.ms', topic, wanted, settings)]
    : problems;
}

/** −1 is for ever. */
function atLeast(name: string, topic: string, wanted: Wanted, settings: Settings): string[] {
  const value = settings.get(name);
  const needed = wanted[name];
  if (needed === undefined || value === undefined || value === null) return [];
  if (endless(value) >= endless(needed)) return [];
  return [`${topic} has ${name}=${value}; allowed: ${needed}${needed === '-1' ? '' : ' and more'}`];
}

const endless = (value: string): number => (value === '-1' ? Infinity : Number(value));

/** Stores are restored with the records' own times. */
function timestampProblems(topic: string, wanted: Wanted, settings: Settings): string[] {
  const name = 'message.timestamp.type';
  const value = settings.get(name);
  if (wanted[name] === undefined || value === undefined || value === null || value === wanted[name]) return [];
  return [`${topic} has ${name}=${value}; allowed: ${wanted[name]}`];
}

const policiesOf = (value: string | undefined): string[] =>
  (value ?? '')
    .split(',')
    .map((policy) => policy.trim())
    .filter((policy) => policy !== '');
