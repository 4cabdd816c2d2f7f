import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.json<{ kind: string }>() };

const builder = new StreamsBuilder();
builder.stream(plays).to((play) => `plays-${play.kind.toLowerCase()}`, { name: 'by-kind' });

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(plays);
input.pipeInput({ kind: 'LIVE' }, 'demo/ana', 1_000, { headers: [{ key: 'tenant', value: Buffer.from('demo') }] });
input.pipeInput({ kind: 'VOD' }, 'demo/ben', 2_000);

for (const { topic, key, headers } of driver.produced) console.log(topic, `${key}`, headers[0]?.key ?? 'no header');
