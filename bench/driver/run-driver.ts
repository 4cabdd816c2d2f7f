import { TopologyTestDriver } from '@playhead/stream-core/testing';
import { compete } from './contestant.ts';
import { IN, OUT, RIGHT, topologyOf } from './topologies.ts';

/** The contestant: our TopologyTestDriver, one `pipeInput` a record, as a test writes it. */
compete((name) => {
  const driver = new TopologyTestDriver(topologyOf(name));
  const beats = driver.createInputTopic(IN);
  const events = name === 'stream-join' ? driver.createInputTopic(RIGHT) : beats;
  return {
    run({ count, keys, values, timestamps, isRight }) {
      for (let i = 0; i < count; i++) {
        (isRight[i] === 1 ? events : beats).pipeInput(values[i] as number, keys[i], timestamps[i]);
      }
    },
    check() {
      // The windowed case has another key; only values are read.
      const values = driver.createOutputTopic({ ...OUT, key: IN.key }).readValuesToList();
      return { outputs: values.length, sum: values.reduce<number>((sum, value) => sum + (value ?? 0), 0) };
    },
  };
});
