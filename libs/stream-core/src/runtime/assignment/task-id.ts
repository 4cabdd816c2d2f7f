/** A sub-topology on one partition: the unit that is assigned. */
export interface TaskId {
  readonly subtopology: number;
  readonly partition: number;
}

/** `<sub-topology>_<partition>`, Kafka Streams' notation, used wherever a task is named. */
export const formatTaskId = (task: TaskId): string => `${task.subtopology}_${task.partition}`;

/** Reads `formatTaskId`'s notation. Throws `RangeError` for anything else. */
export function parseTaskId(text: string): TaskId {
  const match = /^(\d+)_(\d+)$/.exec(text);
  if (match === null) throw new RangeError(`"${text}" is no task id; expected <sub-topology>_<partition>`);
  return { subtopology: Number(match[1]), partition: Number(match[2]) };
}

/** Orders by sub-topology, then by partition, as numbers. */
export const compareTaskIds = (a: TaskId, b: TaskId): number =>
  a.subtopology - b.subtopology || a.partition - b.partition;
