import { StreamsBuilder, serdes, stores } from '@playhead/stream-core';
import type { KeyValueStore, Processor, ProcessorContext, StreamRecord } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const beats = { name: 'beats', key: serdes.string, value: serdes.string };
const ended = { name: 'ended', key: serdes.string, value: serdes.string };

/** Ends sessions that have been silent for 30 s. */
class EndSilentSessions implements Processor<string, string, string, string> {
  #context!: ProcessorContext<string, string>;
  #last!: KeyValueStore<string, number>;

  init(context: ProcessorContext<string, string>): void {
    this.#context = context;
    this.#last = context.getStateStore('last-beat');
    context.schedule(10_000, 'WALL_CLOCK_TIME', (now) => this.#endSilent(now));
  }

  process({ key, timestamp }: StreamRecord<string, string>): void {
    this.#last.put(key, timestamp);
  }

  #endSilent(now: number): void {
    for (const { key, value: last } of this.#last.all()) {
      if (now - last < 30_000) continue;
      this.#last.delete(key);
      this.#context.forward({ key, value: `silent since ${last}`, timestamp: now, headers: [] });
    }
  }
}

const builder = new StreamsBuilder();
builder.addStateStore(stores.keyValue({ name: 'last-beat', key: serdes.string, value: serdes.long }));
builder
  .stream(beats)
  .process(() => new EndSilentSessions(), { name: 'end-silent', stores: ['last-beat'] })
  .to(ended);

const driver = new TopologyTestDriver(builder.build());
driver.createInputTopic(beats).pipeInput('PLAYING', 's-1', 5_000);
driver.createInputTopic(beats).pipeInput('PLAYING', 's-2', 25_000);
driver.advanceWallClockTime(30_000);
driver.advanceWallClockTime(10_000);

for (const { key, value, timestamp } of driver.createOutputTopic(ended).readRecords()) {
  console.log(timestamp, key, value);
}
