/**
 * What members tell each other through the group protocol's opaque bytes: JSON behind a version, so that a rolling
 * upgrade can be recognised. A member's subscription says who it is, what it holds and how far its state reaches; the
 * leader's assignment says what everyone has been given, so that each instance knows the owner and the standbys of each
 * task.
 */
import { StreamsError } from '../../errors.ts';
import { formatTaskId, parseTaskId, type TaskId } from './task-id.ts';

const VERSION = 2;

/** Sent with every JoinGroup. */
export interface SubscriptionUserData {
  /** Which process holds the state: random per `KafkaStreams` object, or as the state directory has it. */
  readonly processId: string;
  /** `http://host:port` at which other instances ask this one; undefined: it cannot be asked. */
  readonly applicationServer: string | undefined;
  /** Tasks it was given last, and the generation of that assignment (−1: none). */
  readonly owned: readonly TaskId[];
  readonly generation: number;
  /** State that it has, by task: the sum of the changelog offsets up to which it has each store, or `CURRENT`. */
  readonly positions: ReadonlyMap<string, number>;
  /** Where it runs: `StreamsConfig.clientTags` and its host. */
  readonly tags: Readonly<Record<string, string>>;
  /** Every instance of the application is to end, for this reason. */
  readonly shutdown?: string | undefined;
}

/** Position of a task that is processed here: nothing is missing. Kafka Streams' latest offset. */
export const CURRENT = -2;

/** An instance and what it was given, as the leader saw the group. */
export interface InstanceAssignment {
  readonly processId: string;
  readonly applicationServer: string | undefined;
  readonly tasks: readonly TaskId[];
  /** Tasks whose state it keeps up from changelogs. */
  readonly standbys: readonly TaskId[];
  /** Those of `standbys` that are to be processed here as soon as they have caught up: then it asks for a rebalance. */
  readonly warmups: readonly TaskId[];
}

/** Sent to every member: its own tasks are those of the instance with its process id. */
export interface AssignmentUserData {
  readonly instances: readonly InstanceAssignment[];
  /** Tasks change hands: their owners give them up now and another rebalance follows at once. */
  readonly followUp: boolean;
  /** Whoever is given this ends, for this reason. */
  readonly shutdown?: string | undefined;
}

/** The bytes that a member joins with. */
export function encodeSubscription(data: SubscriptionUserData): Buffer {
  return encode({
    processId: data.processId,
    applicationServer: data.applicationServer ?? null,
    owned: data.owned.map(formatTaskId),
    generation: data.generation,
    positions: Object.fromEntries(data.positions),
    tags: data.tags,
    shutdown: data.shutdown,
  });
}

/** Throws `StreamsError` for bytes of another version or that are no subscription. */
export function decodeSubscription(bytes: Uint8Array): SubscriptionUserData {
  const fields = decode(bytes, 'subscription');
  return {
    ...decodeInstance(fields),
    owned: decodeTasks(fields['owned']),
    generation: typeof fields['generation'] === 'number' ? fields['generation'] : -1,
    positions: new Map(entriesOf(fields['positions']).filter(isOf('number'))),
    tags: Object.fromEntries(entriesOf(fields['tags']).filter(isOf('string'))),
    ...shutdownIn(fields),
  };
}

/** The bytes that every member is given. */
export function encodeAssignment(data: AssignmentUserData): Buffer {
  return encode({
    followUp: data.followUp,
    shutdown: data.shutdown,
    instances: data.instances.map((instance) => ({
      processId: instance.processId,
      applicationServer: instance.applicationServer ?? null,
      tasks: instance.tasks.map(formatTaskId),
      standbys: instance.standbys.map(formatTaskId),
      warmups: instance.warmups.map(formatTaskId),
    })),
  });
}

/** Throws `StreamsError` for bytes of another version or that are no assignment. */
export function decodeAssignment(bytes: Uint8Array): AssignmentUserData {
  const fields = decode(bytes, 'assignment');
  const { instances, followUp } = fields;
  if (!Array.isArray(instances)) throw unreadable('assignment', 'it has no list of instances');
  return {
    followUp: followUp === true,
    ...shutdownIn(fields),
    instances: (instances as Record<string, unknown>[]).map((instance) => ({
      ...decodeInstance(instance),
      tasks: decodeTasks(instance['tasks']),
      standbys: decodeTasks(instance['standbys']),
      warmups: decodeTasks(instance['warmups']),
    })),
  };
}

const encode = (fields: object): Buffer => Buffer.from(JSON.stringify({ version: VERSION, ...fields }));

function decode(bytes: Uint8Array, what: string): Record<string, unknown> {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
    ) as typeof fields;
  } catch (cause) {
    throw unreadable(what, 'it is not JSON', cause);
  }
  if (fields['version'] !== VERSION) {
    throw unreadable(what, `its version is ${String(fields['version'])}, this instance speaks ${VERSION}`);
  }
  return fields;
}

function decodeInstance(fields: Record<string, unknown>): { processId: string; applicationServer: string | undefined } {
  const { processId, applicationServer } = fields;
  if (typeof processId !== 'string') throw unreadable('member', 'it has no process id');
  return { processId, applicationServer: typeof applicationServer === 'string' ? applicationServer : undefined };
}

const shutdownIn = ({ shutdown }: Record<string, unknown>): { shutdown?: string } =>
  typeof shutdown === 'string' ? { shutdown } : {};

const decodeTasks = (value: unknown): TaskId[] =>
  Array.isArray(value) ? value.map((name) => parseTaskId(String(name))) : [];

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

const isOf =
  <T extends 'number' | 'string'>(type: T) =>
  (entry: [string, unknown]): entry is [string, T extends 'number' ? number : string] =>
    typeof entry[1] === type;

function unreadable(what: string, why: string, cause?: unknown): StreamsError {
  return new StreamsError(
    'STREAMS_CONFIG',
    `the group's ${what} data cannot be read: ${why}; another kind of application may be using this application id`,
    cause === undefined ? {} : { cause },
  );
}
