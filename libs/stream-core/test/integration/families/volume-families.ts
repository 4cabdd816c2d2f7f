import { JoinWindows, TimeWindows, serdes } from '@playhead/stream-core';
import { built, inputs, output, pair, streamOf, tableOf, text, texts, type Text } from './family-parts.ts';
import type { FamilyInput, InputRow, OperatorFamily } from './operator-family.ts';

const KEYS = Array.from({ length: 200 }, (_, at) => `viewer-${at}`);
/** With it more records stand in each partition than one fetch brings. */
const PADDING = '.'.repeat(1_500);

const { plays, plans } = inputs(['plays', 'plans'], { seed: 91, keys: KEYS, counts: [3_000, 1_000] });

function padded(input: FamilyInput | undefined): FamilyInput {
  const { partitions, halves } = input ?? { partitions: 0, halves: [[], []] };
  const pad = (row: InputRow): InputRow => (row.value === null ? row : { ...row, value: row.value + PADDING });
  return { partitions, halves: [halves[0].map(pad), halves[1].map(pad)] };
}

const short = (value: Text): Text => value?.split('.', 1)[0] ?? null;
const shortPair = (left: Text, right: Text): string => pair(short(left), short(right));

/** One input comes in many fetches and the other in one: the order in which a task takes them must not depend on that. */
export const VOLUME_FAMILIES: readonly OperatorFamily[] = [
  {
    name: 'joins and windows over many fetches',
    inputs: { plays: padded(plays), ...(plans === undefined ? {} : { plans }) },
    outputs: {
      near: output(text),
      named: output(text),
      windows: output(serdes.long, serdes.timeWindowed(text, 100)),
    },
    stores: ['plans', 'windows'],
    build: built((builder, topic) => {
      const stream = streamOf(builder, topic('plays'));
      stream.leftJoin(tableOf(builder, topic('plans'), 'plans'), shortPair).to(topic('named'), { value: text });
      stream.joinStream(stream, shortPair, JoinWindows.within(20, { graceMs: 30 })).to(topic('near'), texts);
      stream
        .groupByKey()
        .windowedBy(TimeWindows.of({ sizeMs: 100, graceMs: 20 }))
        .count({ storeName: 'windows' })
        .toStream()
        .to(topic('windows'), { key: serdes.timeWindowed(text, 100) });
    }),
  },
];
