import assert from 'node:assert/strict';
import type { ConformanceCase } from './conformance-case.ts';

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const RECORDS = 100;

/** What one client compresses all others read. */
export const writtenByOneReadByAll: ConformanceCase = {
  capability: 'codecs',
  name: 'written-by-one-read-by-all',
  kind: 'client',
  needs: ['send', 'read'],
  async run({ client, open, own, readers, unique }) {
    const writer = open();
    for (const codec of CODECS) {
      const topic = unique(`codec-${codec}`);
      await own.createTopic(topic);
      const values = Array.from({ length: RECORDS }, (_, i) => `${client} ${codec} ${i} ${'again '.repeat(8)}`);
      await writer.call('send', { topic, partition: 0, codec, values });
      // A client that believes that a broker cannot compress sends uncompressed and says nothing.
      assert.deepEqual([...(await own.codecsOf(topic))], [codec], `codec of the batches that ${client} wrote`);
      await Promise.all(
        [...readers].map(async ([name, reader]) => {
          const read = await reader.call('read', { topic, partition: 0, isolation: 'read_committed' });
          const expected = values.map((value, offset) => ({ partition: 0, offset, value }));
          assert.deepEqual(read, expected, `${name} reads what ${client} wrote with ${codec}`);
        }),
      );
    }
  },
};
