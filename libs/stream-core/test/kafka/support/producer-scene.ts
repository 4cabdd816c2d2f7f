import { produceApi } from '@playhead/kafka-protocol';
import { BatchProducer } from '../../../src/kafka/batch-producer.ts';
import type { BatchProducerOptions } from '../../../src/kafka/batch-producer.ts';
import { KafkaClient } from '../../../src/kafka/kafka-client.ts';
import { IdempotentLog } from './idempotent-log.ts';
import { Fault, ScriptedBroker } from './scripted-broker.ts';

/** An error code answers without a write; `after` writes first. */
export type ProduceFault = 'ok' | 'drop' | 'drop after' | number | { readonly after: number };

/** Producers on a scripted broker that keeps what they write; topic `t` has two partitions. */
export class ProducerScene {
  readonly broker: ScriptedBroker;
  readonly client: KafkaClient;
  /** Closed with the scene. */
  readonly producers: BatchProducer[] = [];
  /** By partition of topic `t`. */
  logs = [new IdempotentLog(), new IdempotentLog()];
  /** What happens to the next produce requests, one each; after that all goes well. */
  faults: ProduceFault[] = [];

  private constructor(broker: ScriptedBroker) {
    this.broker = broker;
    this.client = new KafkaClient({ brokers: [broker.address], clientId: 'test', retryTimeoutMs: 20_000 });
    broker.on(produceApi, ({ topicData }) => {
      const fault = this.faults.shift() ?? 'ok';
      if (fault === 'drop') return Fault.DROP;
      const partitions = topicData.flatMap(({ partitionData }) => partitionData);
      if (typeof fault === 'number')
        return answer(partitions.map(({ index }) => ({ index, errorCode: fault, baseOffset: -1 })));
      const results = partitions.map(({ index, records }) => ({
        index,
        ...this.logs[index]!.append(records ?? Buffer.alloc(0)),
      }));
      if (fault === 'drop after') return Fault.DROP;
      return answer(
        fault === 'ok' ? results : results.map(({ index }) => ({ index, errorCode: fault.after, baseOffset: -1 })),
      );
    });
  }

  static async start(): Promise<ProducerScene> {
    const broker = await ScriptedBroker.start();
    broker.topics.set('t', 2);
    return new ProducerScene(broker);
  }

  makeProducer(options: BatchProducerOptions = {}): BatchProducer {
    const producer = new BatchProducer(this.client, { lingerMs: 0, ...options });
    this.producers.push(producer);
    return producer;
  }

  async close(): Promise<void> {
    for (const producer of this.producers) await producer.close(0).catch(() => undefined);
    await this.client.close();
    await this.broker.close();
  }
}

/** An answer for partitions of topic `t`. */
export function answer(partitionResponses: { index: number; errorCode: number; baseOffset: number }[]) {
  return { responses: [{ name: 't', partitionResponses }] };
}

export function append(producer: BatchProducer, value: string, partition = 0): boolean {
  return producer.append('t', partition, 1, null, Buffer.from(value));
}

export const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}`);
