import { JoinWindows, serdes, SessionWindows, StreamsBuilder, TimeWindows } from '@playhead/stream-core';
import type { Topology } from '@playhead/stream-core';
import { COUNTRY_WINDOW, PAIR, SESSION, VIEWER_WINDOW } from '../workload.ts';
import type { WorkloadTopics } from '../workload.ts';

const TEXT = { key: serdes.string, value: serdes.string } as const;
const VIEWER_COUNT = { key: serdes.timeWindowed(serdes.string, VIEWER_WINDOW.sizeMs), value: serdes.long } as const;
const COUNTRY_COUNT = { key: serdes.timeWindowed(serdes.string, COUNTRY_WINDOW.sizeMs), value: serdes.long } as const;
const SESSION_COUNT = { key: serdes.sessionWindowed(serdes.string), value: serdes.long } as const;

/** Called for each record that is taken from a topic. */
export interface OnRead {
  readonly beats: () => void;
  /** The repartition topic. */
  readonly countries: () => void;
}

/** A windowed count, one that is sent when windows close, a session window, a join of streams and one with a table. */
export function buildTopology(topics: WorkloadTopics, onRead: OnRead): Topology {
  const builder = new StreamsBuilder();
  const beats = builder.stream<string, string>(topics.beats, TEXT).peek(onRead.beats);
  const stops = builder.stream<string, string>(topics.stops, TEXT);
  const profiles = builder.table<string, string>(topics.profiles, { ...TEXT, storeName: 'profiles' });

  beats
    .selectKey((beat) => beat.slice(beat.indexOf('|') + 1))
    .repartition({ name: 'by-country', ...TEXT })
    .peek(onRead.countries)
    .groupByKey(TEXT)
    .windowedBy(TimeWindows.of(COUNTRY_WINDOW))
    .count({ storeName: 'countries', key: serdes.string })
    .toStream()
    .to(topics.countries, COUNTRY_COUNT);

  const byViewer = beats.groupByKey(TEXT);
  byViewer
    .windowedBy(TimeWindows.of(VIEWER_WINDOW))
    .emitStrategy('ON_WINDOW_CLOSE')
    .count({ storeName: 'closed', key: serdes.string })
    .toStream()
    .to(topics.closed, VIEWER_COUNT);
  byViewer
    .windowedBy(SessionWindows.of(SESSION))
    .count({ storeName: 'sessions', key: serdes.string })
    .toStream()
    .to(topics.sessions, SESSION_COUNT);

  beats
    .joinStream(stops, (beat, stop) => `${idOf(beat)}|${stop}`, JoinWindows.within(PAIR.withinMs, PAIR), {
      key: serdes.string,
      value: serdes.string,
      otherValue: serdes.string,
      storeName: 'pairs',
    })
    .to(topics.pairs, TEXT);
  beats.join(profiles, (beat, version) => `${idOf(beat)}|${version}`, TEXT).to(topics.profiled, TEXT);
  return builder.build();
}

const idOf = (beat: string): string => beat.slice(0, beat.indexOf('|'));
