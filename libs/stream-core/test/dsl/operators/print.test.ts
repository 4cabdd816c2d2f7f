import { expect, test } from '@jest/globals';
import { StreamsBuilder, TimeWindows } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { TEXT, streamIn } from '../operator-driver.ts';

function printed(define: (builder: StreamsBuilder, write: (line: string) => void) => void): string[] {
  const lines: string[] = [];
  const builder = new StreamsBuilder();
  define(builder, (line) => lines.push(line));
  const input = new TopologyTestDriver(builder.build()).createInputTopic({ name: 'in', ...TEXT });
  input.pipeInput('a', 'k', 5);
  input.pipeInput(null, null, 6);
  return lines;
}

test.each<[what: string, lines: string[], define: Parameters<typeof printed>[0]]>([
  [
    'under its label',
    ['[beats]: k, a', '[beats]: null, null'],
    (b, write) => streamIn(b).print({ label: 'beats', write }),
  ],
  [
    'under the name of the node whose records they are',
    ['[KSTREAM-SOURCE-0000000000]: k, a', '[KSTREAM-SOURCE-0000000000]: null, null'],
    (b, write) => streamIn(b).print({ write }),
  ],
  [
    'windows and objects in a readable form',
    ['[n]: k@[0,10], {"count":1}'],
    (b, write) => {
      const counts = streamIn(b)
        .groupByKey()
        .windowedBy(TimeWindows.of({ sizeMs: 10, graceMs: 0 }))
        .count();
      counts
        .toStream()
        .mapValues((count) => ({ count }))
        .print({ label: 'n', write });
    },
  ],
])('prints records %s', (_what, lines, define) => {
  expect(printed(define)).toEqual(lines);
});

test('a printer takes the name and number it has in Kafka Streams', () => {
  const builder = new StreamsBuilder();
  streamIn(builder).print();
  expect(builder.build().describe()).toContain('Processor: KSTREAM-PRINTER-0000000001 (stores: [])');
});
