import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const breaks = { name: 'ad-breaks', key: serdes.string, value: serdes.json<{ title: string; ads: string[] }>() };
const impressions = { name: 'impressions', key: serdes.string, value: serdes.string };

const builder = new StreamsBuilder();
builder
  .stream(breaks)
  .flatMap((adBreak) => adBreak.ads.map((ad) => ({ key: ad, value: adBreak.title })), { name: 'by-ad' })
  .to(impressions);

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(breaks);
input.pipeInput({ title: 'derby', ads: ['shoes', 'cola'] }, 's-1', 1_000);
input.pipeInput({ title: 'derby', ads: [] }, 's-2', 2_000);

for (const { key, value, timestamp } of driver.createOutputTopic(impressions).readRecords()) {
  console.log(timestamp, key, value);
}
