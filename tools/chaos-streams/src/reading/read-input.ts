import { oracleInput } from '../oracle/input.ts';
import type { OracleInput } from '../oracle/input.ts';
import type { WorkloadTopics } from '../workload.ts';
import type { LogRecord } from './read-partition.ts';
import type { WorkloadReader } from './workload-reader.ts';

/** The inputs as the logs have them. Rejects when they are not what was written. */
export async function readInput(
  reader: WorkloadReader,
  topics: WorkloadTopics,
  { written, lastFrom }: { readonly written: number; readonly lastFrom: number },
): Promise<{ readonly input: OracleInput; readonly inputRecords: number }> {
  const [beats, stops, profiles] = [
    await reader.read(topics.beats),
    await reader.read(topics.stops),
    await reader.read(topics.profiles),
  ];
  const inputRecords = beats.length + stops.length + profiles.length;
  const problems = [...repeated('beats', beats), ...repeated('stops', stops)];
  if (inputRecords !== written) problems.push(`${written} records written, ${inputRecords} in the inputs`);
  if (problems.length > 0) throw new Error(`the input is not what was written: ${problems.join('; ')}`);
  return { input: oracleInput({ beats, stops, profiles }, lastFrom), inputRecords };
}

/** Ids of an input are there once: the producer that wrote them is idempotent. */
function repeated(what: string, records: readonly LogRecord[]): string[] {
  const ids = new Set(records.map(({ value }) => String(value)));
  return ids.size === records.length ? [] : [`${records.length - ids.size} of ${what} twice`];
}
