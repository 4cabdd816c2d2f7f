import { StreamsError, TopologyError } from '../errors.ts';

/** Longest name that Kafka accepts for a topic, which every node and store name may become a part of. */
const MAX_NAME_LENGTH = 249;

/** Throws `StreamsError` (STREAMS_TOPIC) for a topic of the application's own that no broker takes. */
export function requireLegalTopic(topic: string): void {
  if (/^[A-Za-z0-9._-]{1,249}$/.test(topic)) return;
  const why = topic.length > MAX_NAME_LENGTH ? `has ${topic.length} characters` : 'has other characters';
  throw new StreamsError(
    'STREAMS_TOPIC',
    `topic ${topic} ${why}; allowed: up to ${MAX_NAME_LENGTH} of A-Z a-z 0-9 . _ -`,
    {
      context: { topic },
    },
  );
}

/** Throws `TopologyError` for a name that cannot be part of a topic's name. Gives the name back. */
export function requireLegalName(name: string): string {
  if (name === '') throw new TopologyError('a name is empty; allowed: 1 to 249 of A-Z a-z 0-9 . _ -');
  if (name === '.' || name === '..') throw new TopologyError(`a name is "${name}", which no topic can be called`);
  if (name.length > MAX_NAME_LENGTH) {
    throw new TopologyError(`name ${name} has ${name.length} characters; allowed: up to ${MAX_NAME_LENGTH}`);
  }
  if (!/^[A-Za-z0-9._-]+$/.test(name))
    throw new TopologyError(`name "${name}" has characters other than A-Z a-z 0-9 . _ -`);
  return name;
}
