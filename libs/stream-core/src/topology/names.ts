import { TopologyError } from '../errors.ts';

/** Longest name that Kafka accepts for a topic, which every node and store name may become a part of. */
const MAX_NAME_LENGTH = 249;

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
