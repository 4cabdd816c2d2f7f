import { PARTITIONS } from '../workload.ts';
import type { WorkloadTopics } from '../workload.ts';
import { BrokerConnection } from './broker-connection.ts';
import { readPartition } from './read-partition.ts';
import type { LogRecord } from './read-partition.ts';

/** All topics of a run, each partition in order. */
export interface Workload {
  readonly logs: Readonly<Record<keyof WorkloadTopics, readonly LogRecord[]>>;
  /** Transactions whose abort left a marker in an output. */
  readonly aborted: number;
  readonly inputRecords: number;
  /** What is wrong with the input itself. */
  readonly problems: string[];
}

/** Reads everything with read_committed, straight from the broker. */
export async function readWorkload(port: number, topics: WorkloadTopics): Promise<Workload> {
  const connection = await BrokerConnection.connect(port);
  const aborted = new Set<string>();
  const read = async (topic: string): Promise<LogRecord[]> => {
    const all: LogRecord[][] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const content = await readPartition(connection, topic, partition);
      all.push([...content.records]);
      for (const transaction of content.aborted) aborted.add(transaction);
    }
    return all.flat();
  };
  try {
    const logs = {
      beats: await read(topics.beats),
      stops: await read(topics.stops),
      profiles: await read(topics.profiles),
      countries: await read(topics.countries),
      closed: await read(topics.closed),
      sessions: await read(topics.sessions),
      pairs: await read(topics.pairs),
      profiled: await read(topics.profiled),
    };
    return {
      logs,
      aborted: aborted.size,
      inputRecords: logs.beats.length + logs.stops.length + logs.profiles.length,
      problems: [...repeated('beats', logs.beats), ...repeated('stops', logs.stops)],
    };
  } finally {
    connection.close();
  }
}

/** Ids of an input are there once: the producer that wrote them is idempotent. */
function repeated(what: string, records: readonly LogRecord[]): string[] {
  const ids = new Set(records.map(({ value }) => String(value)));
  return ids.size === records.length ? [] : [`${records.length - ids.size} of ${what} twice`];
}
