import { SessionWindows, SlidingWindows, TimeWindows, UnlimitedWindows, serdes } from '@playhead/stream-core';
import type { KTable, Serde, Windowed } from '@playhead/stream-core';
import { built, inputs, listed, output, streamOf, text } from './family-parts.ts';
import { START_MS } from './input-rows.ts';
import type { OperatorFamily } from './operator-family.ts';

const tumbling = TimeWindows.of({ sizeMs: 10, graceMs: 5 });
const hopping = TimeWindows.of({ sizeMs: 10, advanceMs: 4, graceMs: 0 });
const sliding = SlidingWindows.of({ timeDifferenceMs: 10, graceMs: 5 });
const sessions = SessionWindows.of({ inactivityGapMs: 10, graceMs: 5 });
const windowKey = (sizeMs: number): Serde<Windowed<string>> => serdes.timeWindowed(text, sizeMs);
const sessionKey = serdes.sessionWindowed(text);

const write = <V>(table: KTable<Windowed<string>, V>, topic: string, key: Serde<Windowed<string>>): void =>
  table.toStream().to(topic, { key });

const merged = (a: string, b: string): string => `${a}|${b}`;
const kept = { retentionMs: 1_000, value: text };

/** Aggregations by window, with late records and records without a value. */
export const WINDOW_FAMILIES: readonly OperatorFamily[] = [
  {
    name: 'tumbling and hopping windows',
    inputs: inputs(['in'], { seed: 11 }),
    outputs: {
      tumbling: output(text, windowKey(10)),
      hopping: output(serdes.long, windowKey(10)),
      reduced: output(text, windowKey(10)),
    },
    stores: ['tumbling', 'hopping', 'reduced'],
    build: built((builder, topic) => {
      const grouped = streamOf(builder, topic('in')).groupByKey();
      const lists = grouped.windowedBy(tumbling).aggregate(() => '', listed, { storeName: 'tumbling', value: text });
      write(lists, topic('tumbling'), windowKey(10));
      const counts = grouped.windowedBy(hopping).count({ storeName: 'hopping' });
      write(counts, topic('hopping'), windowKey(10));
      const last = grouped.windowedBy(tumbling).reduce((_, value) => value, { storeName: 'reduced' });
      write(last, topic('reduced'), windowKey(10));
    }),
  },
  {
    name: 'sliding windows',
    inputs: inputs(['in'], { seed: 12 }),
    outputs: { out: output(text, windowKey(10)) },
    stores: ['sliding'],
    build: built((builder, topic) => {
      const grouped = streamOf(builder, topic('in')).groupByKey();
      const lists = grouped.windowedBy(sliding).aggregate(() => '', listed, { storeName: 'sliding', value: text });
      write(lists, topic('out'), windowKey(10));
    }),
  },
  {
    name: 'session windows',
    inputs: inputs(['in'], { seed: 13 }),
    outputs: { lists: output(text, sessionKey), counts: output(serdes.long, sessionKey) },
    stores: ['lists', 'counts'],
    build: built((builder, topic) => {
      const windowed = streamOf(builder, topic('in')).groupByKey().windowedBy(sessions);
      const lists = windowed.aggregate(() => '', listed, merged, { storeName: 'lists', value: text });
      write(lists, topic('lists'), sessionKey);
      write(windowed.count({ storeName: 'counts' }), topic('counts'), sessionKey);
    }),
  },
  {
    name: 'unlimited windows',
    inputs: inputs(['in'], { seed: 14 }),
    outputs: { out: output(serdes.long, windowKey(Infinity)) },
    stores: ['since-50'],
    build: built((builder, topic) => {
      const windowed = streamOf(builder, topic('in'))
        .groupByKey()
        .windowedBy(UnlimitedWindows.of({ startMs: START_MS + 50 }));
      write(windowed.count({ storeName: 'since-50' }), topic('out'), windowKey(Infinity));
    }),
  },
  {
    name: 'windows that are sent when they close: tumbling, sliding, session',
    inputs: inputs(['in'], { seed: 15 }),
    outputs: {
      tumbling: output(text, windowKey(10)),
      sliding: output(text, windowKey(10)),
      sessions: output(text, sessionKey),
    },
    stores: ['tumbling', 'sliding', 'sessions'],
    build: built((builder, topic) => {
      const grouped = streamOf(builder, topic('in')).groupByKey();
      const byTime = grouped.windowedBy(tumbling).emitStrategy('ON_WINDOW_CLOSE');
      write(
        byTime.aggregate(() => '', listed, { storeName: 'tumbling', ...kept }),
        topic('tumbling'),
        windowKey(10),
      );
      const bySlide = grouped.windowedBy(sliding).emitStrategy('ON_WINDOW_CLOSE');
      write(
        bySlide.aggregate(() => '', listed, { storeName: 'sliding', ...kept }),
        topic('sliding'),
        windowKey(10),
      );
      const bySession = grouped.windowedBy(sessions).emitStrategy('ON_WINDOW_CLOSE');
      write(
        bySession.aggregate(() => '', listed, merged, { storeName: 'sessions', ...kept }),
        topic('sessions'),
        sessionKey,
      );
    }),
  },
  {
    name: 'suppress until windows close',
    inputs: inputs(['in'], { seed: 16 }),
    outputs: { tumbling: output(text, windowKey(10)), sessions: output(text, sessionKey) },
    stores: ['tumbling', 'sessions'],
    build: built((builder, topic) => {
      const grouped = streamOf(builder, topic('in')).groupByKey();
      const byTime = grouped.windowedBy(tumbling).aggregate(() => '', listed, { storeName: 'tumbling', value: text });
      write(byTime.suppress({ until: 'WINDOW_CLOSES', name: 'final-windows' }), topic('tumbling'), windowKey(10));
      const bySession = grouped
        .windowedBy(sessions)
        .aggregate(() => '', listed, merged, { storeName: 'sessions', value: text });
      write(bySession.suppress({ until: 'WINDOW_CLOSES', name: 'final-sessions' }), topic('sessions'), sessionKey);
    }),
  },
];
