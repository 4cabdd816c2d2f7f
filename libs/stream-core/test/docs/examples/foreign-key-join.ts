import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const episodes = {
  name: 'episodes',
  key: serdes.string,
  value: serdes.json<{ name: string; seriesId: string | null }>(),
};
const series = { name: 'series', key: serdes.string, value: serdes.string };
const listed = { name: 'listed', key: serdes.string, value: serdes.string };

const builder = new StreamsBuilder();
builder
  .table(episodes)
  .joinForeignKey(
    builder.table(series),
    (episode) => episode.seriesId,
    (episode, seriesName) => `${seriesName}: ${episode.name}`,
    { name: 'with-series' },
  )
  .toStream()
  .to(listed);

const driver = new TopologyTestDriver(builder.build(), { partitions: { episodes: 4, series: 2, listed: 1 } });
const [episode, serial] = [driver.createInputTopic(episodes), driver.createInputTopic(series)];
serial.pipeInput('The Bridge', 'bridge', 5_000);
episode.pipeInput({ name: 'Pilot', seriesId: 'bridge' }, 'e-1', 1_000);
episode.pipeInput({ name: 'Finale', seriesId: 'bridge' }, 'e-2', 9_000);
serial.pipeInput('Bron/Broen', 'bridge', 6_000);
episode.pipeInput({ name: 'Finale', seriesId: null }, 'e-2', 10_000);

for (const { key, value, timestamp } of driver.createOutputTopic(listed).readRecords()) {
  console.log(timestamp, key, value);
}
console.log(driver.dropped);
