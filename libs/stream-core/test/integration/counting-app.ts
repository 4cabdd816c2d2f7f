/** A counting application as a process of its own, to be killed: `node counting-app.ts BROKER APPLICATION INPUT OUTPUT CONFIG`, where the last is JSON. */
import { KafkaStreams } from '../../src/runtime/kafka-streams.ts';
import type { StreamsConfig } from '../../src/runtime/streams-config.ts';
import { countTopology } from './counting-topologies.ts';

const [broker = '', applicationId = '', input = '', output = '', config = '{}'] = process.argv.slice(2);
const streams = new KafkaStreams(countTopology(input, output), {
  applicationId,
  kafka: { brokers: [broker], clientId: 'killed' },
  producer: { lingerMs: 0 },
  ...(JSON.parse(config) as Partial<StreamsConfig>),
});
await streams.start();
process.stdout.write('running\n');
