import { expect, test } from '@jest/globals';
import { avroSerde, newPlaybackHeartbeat } from '@playhead/event-schemas';
import { InMemorySchemas, renderTypes, sourcePieces } from '@playhead/event-schemas/testing';
import { PendingCodecError } from '@playhead/stream-core';
import { readFileSync } from 'node:fs';
import { newSession } from '../src/session-state.ts';
import { ACCOUNT_STATE_SCHEMA } from '../src/stored-account.ts';
import { SESSION_STATE_SCHEMA } from '../src/stored-session.ts';
import type { StoredSession } from '../src/stored-session.ts';

test.each([
  ['stored-session', SESSION_STATE_SCHEMA],
  ['stored-account', ACCOUNT_STATE_SCHEMA],
])('the types of %s say what its schema says', (file, schema) => {
  const source = readFileSync(new URL(`../src/${file}.ts`, import.meta.url), 'utf8');
  const declared = new Set(sourcePieces(source));
  expect(sourcePieces(renderTypes(schema)).filter((piece) => !declared.has(piece))).toEqual([]);
});

/** Fields that came later than the first sessions that were stored, by their records. */
const LATER_FIELDS: Readonly<Record<string, readonly string[]>> = {
  StoredSession: ['tokenMaxStreams', 'graceUntil', 'end', 'stoppedAt'],
  StreamFacts: ['downloaded'],
};

interface RecordSchema {
  readonly name: string;
  readonly fields: readonly { readonly name: string }[];
}

/** The schema as it was without them. */
const FIRST_SCHEMA = JSON.stringify(
  JSON.parse(SESSION_STATE_SCHEMA, (_key, value: RecordSchema | null) =>
    Array.isArray(value?.fields)
      ? { ...value, fields: value.fields.filter(({ name }) => !LATER_FIELDS[value.name]?.includes(name)) }
      : value,
  ),
);

test('a session that was stored before there was a field is read with nothing in it', async () => {
  const store = { topic: 'guard-sessions-changelog', part: 'value', schemas: new InMemorySchemas() } as const;
  const writer = avroSerde<object>(FIRST_SCHEMA).open(store);
  const reader = avroSerde<StoredSession>(SESSION_STATE_SCHEMA).open(store);
  await Promise.all([writer.ready, reader.ready]);
  const report = newPlaybackHeartbeat({
    eventId: 'e',
    type: 'START',
    tenant: 'demo',
    account: 'acc-1',
    session: 'a',
    source: 'NATIVE',
    receivedTime: 1,
    eventTime: 1,
    tokenMaxStreams: 3,
    channel: 'news',
    downloaded: true,
  });
  const stored = newSession(report, 1);
  const bytes = writer.serialize(stored);
  const read = (): StoredSession => reader.deserialize(bytes);
  await loaded(read);
  expect({ ...stored, ...read() }).toEqual({
    ...stored,
    tokenMaxStreams: null,
    facts: { ...stored.facts, downloaded: false },
  });
});

/** Waits for the writer's schema, which is looked up at the first reading. */
async function loaded(read: () => unknown): Promise<void> {
  try {
    read();
  } catch (error) {
    if (!(error instanceof PendingCodecError)) throw error;
    await error.ready;
  }
}
