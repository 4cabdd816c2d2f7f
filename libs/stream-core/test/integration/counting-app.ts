/** A counting application as a process of its own, to be killed: `node counting-app.ts BROKER APPLICATION INPUT OUTPUT INSTANCE [GUARANTEE]`. */
import { KafkaStreams } from '../../src/runtime/kafka-streams.ts';
import { countTopology } from './counting-topologies.ts';

const [broker = '', applicationId = '', input = '', output = '', groupInstanceId = '', guarantee] =
  process.argv.slice(2);
const streams = new KafkaStreams(countTopology(input, output), {
  applicationId,
  kafka: { brokers: [broker], clientId: 'killed' },
  groupInstanceId,
  producer: { lingerMs: 0 },
  processingGuarantee: guarantee === 'exactly_once' ? 'exactly_once' : 'at_least_once',
});
await streams.start();
process.stdout.write('running\n');
