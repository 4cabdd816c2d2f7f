/** A counting application as a process of its own, to be killed: `node counting-app.ts BROKER APPLICATION INPUT OUTPUT INSTANCE`. */
import { KafkaStreams } from '../../src/runtime/kafka-streams.ts';
import { countTopology } from './counting-topologies.ts';

const [broker = '', applicationId = '', input = '', output = '', groupInstanceId = ''] = process.argv.slice(2);
const streams = new KafkaStreams(countTopology(input, output), {
  applicationId,
  kafka: { brokers: [broker], clientId: 'killed' },
  groupInstanceId,
  producer: { lingerMs: 0 },
});
await streams.start();
process.stdout.write('running\n');
