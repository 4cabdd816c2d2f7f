import { StreamsBuilder, serdes } from '@playhead/stream-core';
import { TopologyTestDriver } from '@playhead/stream-core/testing';

const errors = { name: 'errors', key: serdes.string, value: serdes.json<{ code: string }>() };
const fatal = { ...errors, name: 'fatal' };

const builder = new StreamsBuilder();
const seen = builder.stream(errors).peek((error, session) => console.log('seen', session, error.code), { name: 'log' });
seen.filter((error) => error.code.startsWith('F')).to(fatal);
seen.print({ label: 'error', write: (line) => console.log(line), name: 'print' });
seen.foreach((error) => console.log('counted', error.code), { name: 'metric' });

const driver = new TopologyTestDriver(builder.build());
const input = driver.createInputTopic(errors);
input.pipeInput({ code: 'F-12' }, 's-1', 1_000);
input.pipeInput({ code: 'W-03' }, 's-2', 2_000);

console.log(driver.createOutputTopic(fatal).readValuesToList());
