import { JoinWindows, serdes, StreamsBuilder, TimeWindows } from '@playhead/stream-core';
import type { Topology } from '@playhead/stream-core';
import { addPositions, genreOf, isKept, JOIN_WITHIN_MS, toSeconds, WINDOW_MS } from './workload.ts';
import type { CaseName } from './workload.ts';

export const IN = { name: 'beats', key: serdes.string, value: serdes.long };
export const RIGHT = { name: 'events', key: serdes.string, value: serdes.long };
export const OUT = { name: 'out', key: serdes.string, value: serdes.long };
export const WINDOWED_OUT = { name: 'out', key: serdes.timeWindowed(serdes.string, WINDOW_MS), value: serdes.long };

/** The topologies that are measured: stores in memory with changelogs, no caches, every update goes on. */
export function topologyOf(name: CaseName): Topology {
  const builder = new StreamsBuilder();
  const beats = builder.stream(IN.name, IN);
  switch (name) {
    case 'stateless':
      beats.filter(isKept).mapValues(toSeconds).selectKey(genreOf).to(OUT);
      break;
    case 'windowed-count':
      beats
        .groupByKey()
        .windowedBy(TimeWindows.of({ sizeMs: WINDOW_MS, graceMs: 0 }))
        .count({ storeName: 'counts' })
        .toStream()
        .to(WINDOWED_OUT);
      break;
    case 'stream-join': {
      const windows = JoinWindows.within(JOIN_WITHIN_MS, { graceMs: 0 });
      beats.joinStream(builder.stream(RIGHT.name, RIGHT), addPositions, windows).to(OUT);
      break;
    }
  }
  return builder.build();
}
