import kafkajs, { type Admin, type Consumer, type KafkaMessage, type Producer } from 'kafkajs';
import { eventually, uniqueName } from './integration-case.ts';

/** A client nobody here wrote: kafkajs with its own codec, unmodified. */
export const kafkaOf = (brokers: readonly string[]): kafkajs.Kafka =>
  new kafkajs.Kafka({
    clientId: 'integration',
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 8 },
  });

export async function withAdmin<T>(brokers: readonly string[], use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafkaOf(brokers).admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

export async function withProducer<T>(
  brokers: readonly string[],
  use: (producer: Producer) => Promise<T>,
  options: { idempotent?: boolean } = {},
): Promise<T> {
  const producer = kafkaOf(brokers).producer({
    idempotent: options.idempotent ?? false,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  try {
    return await use(producer);
  } finally {
    await producer.disconnect();
  }
}

/** A topic of `partitions` partitions with a name of its own. */
export async function newTopic(
  brokers: readonly string[],
  what: string,
  partitions = 1,
  configs: Readonly<Record<string, string>> = {},
): Promise<string> {
  const topic = uniqueName(what);
  await withAdmin(brokers, (admin) => createTopic(admin, topic, partitions, configs));
  return topic;
}

/** Creates a topic and waits until its partitions are served: a broker hears of what the controller has done a moment later, which kafkajs’s `waitForLeaders` takes for a failure. */
export async function createTopic(
  admin: Admin,
  topic: string,
  partitions = 1,
  configs: Readonly<Record<string, string>> = {},
): Promise<void> {
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
  await admin.createTopics({
    waitForLeaders: false,
    topics: [{ topic, numPartitions: partitions, replicationFactor: 1, configEntries }],
  });
  await partitionsServed(admin, topic, partitions);
}

/** Waits until so many partitions of a topic answer for their offsets. */
export const partitionsServed = (admin: Admin, topic: string, partitions: number): Promise<true> =>
  eventually(`${partitions} partitions of ${topic}`, async () => {
    const offsets = await admin.fetchTopicOffsets(topic).catch(() => []);
    return offsets.length === partitions ? true : undefined;
  });

export type ConsumedMessage = KafkaMessage & { readonly partition: number };

export interface Subscription {
  readonly consumer: Consumer;
  readonly messages: ConsumedMessage[];
  close(): Promise<void>;
}

/** Subscribes from the beginning in a group and collects what arrives. */
export async function subscribe(
  brokers: readonly string[],
  topic: string,
  options: { groupId?: string; autoCommit?: boolean; fromBeginning?: boolean } = {},
): Promise<Subscription> {
  const consumer = kafkaOf(brokers).consumer({
    groupId: options.groupId ?? uniqueName('group'),
    maxWaitTimeInMs: 100,
    sessionTimeout: 6000,
    heartbeatInterval: 200,
  });
  const messages: ConsumedMessage[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: options.fromBeginning ?? true });
  await consumer.run({
    autoCommit: options.autoCommit ?? true,
    eachMessage: async ({ partition, message }) => {
      messages.push({ ...message, partition });
    },
  });
  return { consumer, messages, close: () => consumer.disconnect() };
}

/** Reads `count` messages of a topic from its beginning in a fresh group. */
export async function consume(brokers: readonly string[], topic: string, count: number): Promise<ConsumedMessage[]> {
  const subscription = await subscribe(brokers, topic);
  try {
    return await eventually(`${count} messages of ${topic}`, () =>
      subscription.messages.length >= count ? [...subscription.messages] : undefined,
    );
  } finally {
    await subscription.close();
  }
}
