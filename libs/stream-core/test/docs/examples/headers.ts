import { StreamsBuilder, serdes } from '@playhead/stream-core';
import type { FixedKeyProcessorContext } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.string };
const checked = { ...plays, name: 'checked' };

const builder = new StreamsBuilder();
builder
  .stream(plays)
  .processValues<string>(() => {
    let context: FixedKeyProcessorContext<string, string>;
    return {
      init: (given) => {
        context = given;
      },
      process(record) {
        const from = context.recordMetadata?.topic ?? '';
        const headers = [...record.headers, { key: 'from', value: Buffer.from(from) }];
        context.forward({ ...record, headers });
      },
    };
  })
  .filter((title) => title !== 'trailer')
  .to(checked);

const driver = new TopologyTestDriver(builder.build());
const trace = { key: 'trace', value: Buffer.from('7f3a') };
driver.createInputTopic(plays).pipeInput('derby', 'demo/ana', 1_000, { headers: [trace] });

for (const { key, value } of driver.createOutputTopic(checked).readRecord().headers) console.log(key, `${value}`);
