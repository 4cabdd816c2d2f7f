import { StreamsBuilder, serdes, stores } from '@playhead/stream-core';
import type { FixedKeyProcessorContext, FixedKeyProcessorSupplier, KeyValueStore } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

type Play = { eventId: string; title: string };
const plays = { name: 'plays', key: serdes.string, value: serdes.json<Play>() };
const unique = { ...plays, name: 'unique-plays' };

/** Lets each event id pass once. */
const deduplicate: FixedKeyProcessorSupplier<string, Play, Play> = () => {
  let context: FixedKeyProcessorContext<string, Play>;
  let seen: KeyValueStore<string, number>;
  return {
    init(given) {
      context = given;
      seen = context.getStateStore('seen');
    },
    process(record) {
      const { eventId } = record.value;
      if (seen.get(eventId) !== null) return;
      seen.put(eventId, record.timestamp);
      context.forward(record);
    },
  };
};

const builder = new StreamsBuilder();
builder.addStateStore(stores.keyValue({ name: 'seen', key: serdes.string, value: serdes.long }));
builder
  .stream(plays)
  .processValues(deduplicate, { name: 'deduplicate', stores: ['seen'] })
  .to(unique);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(plays);
input.pipeInput({ eventId: 'e-1', title: 'derby' }, 'demo/ana', 1_000);
input.pipeInput({ eventId: 'e-1', title: 'derby' }, 'demo/ana', 1_000);
input.pipeInput({ eventId: 'e-2', title: 'derby' }, 'demo/ana', 2_000);

console.log(driver.createOutputTopic(unique).readValuesToList());
