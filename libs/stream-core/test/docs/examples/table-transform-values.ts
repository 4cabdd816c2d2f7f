import { StreamsBuilder, serdes, stores } from '@playhead/stream-core';
import type { KeyValueStore, ValueTransformer, ValueTransformerContext } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const prices = { name: 'prices', key: serdes.string, value: serdes.int };
const lows = { name: 'lows', key: serdes.string, value: serdes.int };

class LowestEver implements ValueTransformer<string, number, number> {
  #lowest!: KeyValueStore<string, number>;

  init(context: ValueTransformerContext): void {
    this.#lowest = context.getStateStore('lowest');
  }

  transform(price: number | null, title: string): number | null {
    if (price === null) return null;
    const lowest = Math.min(price, this.#lowest.get(title) ?? price);
    this.#lowest.put(title, lowest);
    return lowest;
  }
}

const builder = new StreamsBuilder();
const lowest = stores.keyValue({ name: 'lowest', key: serdes.string, value: serdes.int });
builder
  .table(prices)
  .transformValues(() => new LowestEver(), { stores: [lowest], value: serdes.int })
  .toStream()
  .to(lows);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(prices);
for (const price of [499, 399, null, 599]) input.pipeInput(price, 't-1', 1_000);

console.log(driver.createOutputTopic(lows).readValuesToList());
