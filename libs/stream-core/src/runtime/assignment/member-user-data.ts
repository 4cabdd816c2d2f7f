/**
 * What members tell each other through the group protocol's opaque bytes: JSON behind a version, so that a rolling
 * upgrade can be recognised. A member's subscription says who it is and what it holds; the leader's assignment says
 * what everyone has been given, so that each instance knows the owner of each task.
 */
import { StreamsError } from '../../errors.ts';
import { formatTaskId, parseTaskId, type TaskId } from './task-id.ts';

const VERSION = 1;

/** Sent with every JoinGroup. */
export interface SubscriptionUserData {
  /** Random per `KafkaStreams` object: which process holds the state. */
  readonly processId: string;
  /** `http://host:port` at which other instances ask this one; undefined: it cannot be asked. */
  readonly applicationServer: string | undefined;
  /** Tasks it was given last, and the generation of that assignment (−1: none). */
  readonly owned: readonly TaskId[];
  readonly generation: number;
}

/** An instance and what it was given, as the leader saw the group. */
export interface InstanceAssignment {
  readonly processId: string;
  readonly applicationServer: string | undefined;
  readonly tasks: readonly TaskId[];
}

/** Sent to every member: its own tasks are those of the instance with its process id. */
export interface AssignmentUserData {
  readonly instances: readonly InstanceAssignment[];
}

/** The bytes that a member joins with. */
export function encodeSubscription(data: SubscriptionUserData): Buffer {
  return encode({
    processId: data.processId,
    applicationServer: data.applicationServer ?? null,
    owned: data.owned.map(formatTaskId),
    generation: data.generation,
  });
}

/** Throws `StreamsError` for bytes of another version or that are no subscription. */
export function decodeSubscription(bytes: Uint8Array): SubscriptionUserData {
  const fields = decode(bytes, 'subscription');
  return {
    ...decodeInstance(fields),
    owned: decodeTasks(fields['owned']),
    generation: typeof fields['generation'] === 'number' ? fields['generation'] : -1,
  };
}

/** The bytes that every member is given. */
export function encodeAssignment(data: AssignmentUserData): Buffer {
  return encode({
    instances: data.instances.map((instance) => ({
      processId: instance.processId,
      applicationServer: instance.applicationServer ?? null,
      tasks: instance.tasks.map(formatTaskId),
    })),
  });
}

/** Throws `StreamsError` for bytes of another version or that are no assignment. */
export function decodeAssignment(bytes: Uint8Array): AssignmentUserData {
  const { instances } = decode(bytes, 'assignment');
  if (!Array.isArray(instances)) throw unreadable('assignment', 'it has no list of instances');
  return {
    instances: (instances as Record<string, unknown>[]).map((instance) => ({
      ...decodeInstance(instance),
      tasks: decodeTasks(instance['tasks']),
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

const decodeTasks = (value: unknown): TaskId[] =>
  Array.isArray(value) ? value.map((name) => parseTaskId(String(name))) : [];

function unreadable(what: string, why: string, cause?: unknown): StreamsError {
  return new StreamsError(
    'STREAMS_CONFIG',
    `the group's ${what} data cannot be read: ${why}; another kind of application may be using this application id`,
    cause === undefined ? {} : { cause },
  );
}
