import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const plays = { name: 'plays', key: serdes.string, value: serdes.json<{ kind: string }>() };

const builder = new StreamsBuilder();
const kinds = builder.stream(plays).split({ name: 'kind-' });
kinds.branch((play) => play.kind === 'LIVE', { name: 'live' }).to('live-plays');
kinds.branch((play) => play.kind === 'VOD', { name: 'vod' }).to('vod-plays');
kinds.defaultBranch({ name: 'other' }).to('other-plays');

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(plays);
input.pipeInput({ kind: 'VOD' }, 's-1', 1_000);
input.pipeInput({ kind: 'LIVE' }, 's-2', 2_000);
input.pipeInput({ kind: 'CATCHUP' }, 's-3', 3_000);

for (const { topic, key, value } of driver.produced) console.log(topic, `${key} ${value}`);
