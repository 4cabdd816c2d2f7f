import { StreamsBuilder, deadLetterOnError, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.json<{ title: string | null }>() };

const builder = new StreamsBuilder();
builder
  .stream(plays)
  .mapValues((play) => {
    if (play.title === null) throw new Error('a play without a title');
    return play.title;
  })
  .groupByKey({ value: serdes.string })
  .count({ storeName: 'plays-by-account' });

const driver = new TopologyTestDriver(builder.build(), {
  deserializationHandler: deadLetterOnError,
  processingHandler: ({ error, node }) => {
    console.log('skipped at', node, String(error));
    return 'continue';
  },
});
const input = driver.createInputTopic(plays);
input.pipeRaw(Buffer.from('demo/ana'), Buffer.from('{"title":'), 1_000);
input.pipeInput({ title: null }, 'demo/ana', 2_000);
input.pipeInput({ title: 'derby' }, null, 3_000);
input.pipeInput({ title: 'derby' }, 'demo/ana', 4_000);

console.log(driver.dropped);
const letter = driver
  .createOutputTopic({ name: 'plays.dead-letter', key: serdes.string, value: serdes.string })
  .readRecord();
console.log(letter.value, letter.headers.map((header) => header.key).slice(0, 3));
console.log(driver.keyValueStore('plays-by-account').get('demo/ana'));
