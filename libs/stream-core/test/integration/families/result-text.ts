/** Records and entries as text, so that a difference between two runs reads well. */
import type { Codec, Headers } from '@playhead/stream-core';
import { START_MS } from './input-rows.ts';
import type { DeterminedOrder, FamilyOutput } from './operator-family.ts';

/** A record of an output or changelog, as bytes. */
export interface WrittenRecord {
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: number;
  readonly headers: Headers;
}

/** The records of an output, in the part of their order that is determined. Records without a key are spread over the partitions in turn: of them only the set is. */
export function outputText(
  records: readonly WrittenRecord[],
  { key, value }: FamilyOutput,
  order: DeterminedOrder = 'partition',
): string[] {
  const codecs = { key: open(key, 'key'), value: open(value, 'value') };
  const keyed = records.filter((record) => record.key !== null);
  const isTable = order === 'table' || order === 'values';
  const groups = Map.groupBy(keyed, (record) =>
    order === 'partition' ? String(record.partition) : `${record.partition} ${record.key?.toString('hex')}`,
  );
  const kept = [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, all]) => (isTable ? all.slice(-1).filter((record) => record.value !== null) : all));
  const keyless = records
    .filter((record) => record.key === null)
    .map((record) => recordText(record, codecs) + headersText(record));
  return [
    ...kept.map((record) => `${record.partition}: ${recordText(record, codecs)}${isTable ? '' : headersText(record)}`),
    ...keyless.toSorted(),
  ];
}

/** Times from the start of the input on, in place of those since 1970. */
const fromStart = (line: string): string => line.replaceAll(/\d{13}/g, (time) => `+${Number(time) - START_MS}`);

/** No record of a family is later: it is the producer's time, for a record without one. */
const LATEST_MS = START_MS + 60_000;

/** What is left of a changelog when it is read from its beginning: the last record of each key, unless it deletes. */
export function changelogText(records: readonly WrittenRecord[]): string[] {
  const last = new Map<string, string>();
  for (const { partition, key, value, timestamp } of records) {
    const place = `${partition}: ${key?.toString('hex') ?? 'null'}`;
    if (value === null) last.delete(place);
    else
      last.set(place, `${value.toString('hex')} @${timestamp < 0 || timestamp > LATEST_MS ? 'wall clock' : timestamp}`);
  }
  return [...last].map(([place, text]) => `${place} = ${text}`).toSorted();
}

function recordText(
  record: WrittenRecord,
  codecs: { readonly key: Codec<unknown>; readonly value: Codec<unknown> },
): string {
  const key = record.key === null ? null : codecs.key.deserialize(record.key);
  const value = record.value === null ? null : codecs.value.deserialize(record.value);
  return fromStart(`${String(key)} = ${JSON.stringify(value)} @${record.timestamp}`);
}

function headersText({ headers }: WrittenRecord): string {
  return headers.map(({ key, value }) => ` ${key}:${Buffer.from(value ?? '').toString()}`).join('');
}

function open(serde: FamilyOutput['key'], part: 'key' | 'value'): Codec<unknown> {
  return serde.open({ topic: 'output', part });
}

/** An entry of a key-value store. */
export function entryText({
  key,
  value,
  timestamp,
}: {
  key: unknown;
  value: unknown;
  timestamp?: number | undefined;
}): string {
  return fromStart(`${String(key)} = ${JSON.stringify(value)} @${timestamp}`);
}

/** What a key of a versioned store had at a time. */
export function pastText(key: string, asOfMs: number, value: unknown, timestamp: number | undefined): string {
  return entryText({ key: `${key} as of ${asOfMs}`, value, timestamp });
}

/** An entry of a window store. */
export function windowText(entry: {
  key: unknown;
  windowStartMs: number;
  value: unknown;
  timestamp?: number | undefined;
}): string {
  return entryText({ ...entry, key: `${String(entry.key)}@${entry.windowStartMs}` });
}

/** A session of a session store. */
export function sessionText({
  key,
  startMs,
  endMs,
  value,
}: {
  key: unknown;
  startMs: number;
  endMs: number;
  value: unknown;
}): string {
  return fromStart(`${String(key)}@${startMs}-${endMs} = ${JSON.stringify(value)}`);
}

/** Partitions of an internal topic, and those of its settings that the topology asks for. */
export function internalTopicText(
  partitions: number,
  settings: ReadonlyMap<string, string | null>,
  asked: Readonly<Record<string, string>>,
): string {
  const names = Object.keys(asked).toSorted();
  return [`${partitions} partitions`, ...names.map((name) => `${name}=${settings.get(name)}`)].join(', ');
}
