import { join } from 'node:path';
import type { ServiceLogger } from '@playhead/service-kit';
import type { GatewayMetrics } from './metrics/gateway-metrics.ts';
import { Gauge } from './metrics/typed-metrics.ts';
import { Backlog } from './queue/backlog.ts';
import { DiskQueue } from './queue/disk-queue.ts';
import type { ProducerEventLog } from './records/producer-event-log.ts';

/** Where the disk queue lies under `PLAYHEAD_DATA_DIR`. */
const QUEUE_DIRECTORY = 'gateway/queue';
/** Records held at most: what comes in a quarter of a second, several times over. They are sent in one turn of the event loop. */
const MAX_HELD = 5_000;
/** Of the records that may wait for Kafka, so that all that is held finds room among them. */
const HELD_SHARE = 0.5;

/** What a backlog is opened with. */
export interface BacklogPlace {
  readonly dataDirectory: string;
  readonly maxBytes: number;
  /** Records that may wait for Kafka in memory. */
  readonly maxPending: number;
  readonly log: ProducerEventLog;
  readonly metrics: GatewayMetrics;
  readonly logger: Pick<ServiceLogger, 'info' | 'warn' | 'error'>;
  /** The queue cannot be read any more. */
  readonly onError: (error: Error) => void;
}

/** A backlog that is open, or none where the settings allow it no bytes. */
export interface OpenBacklog {
  readonly gauges: readonly Gauge[];
  /** Whether a record that Kafka does not take can be kept. */
  readonly hasRoom: () => boolean;
  /** Records that wait in memory for the last of the queue. */
  readonly held: () => number;
  close(): Promise<void>;
}

/** Opens the disk queue and has the log use it; what it holds from before is delivered first. Rejects with `DirectoryInUseError`. */
export async function openBacklog(place: BacklogPlace): Promise<OpenBacklog> {
  const { dataDirectory, maxBytes, maxPending, log, metrics, logger, onError } = place;
  if (maxBytes === 0) return { gauges: [], hasRoom: () => false, held: () => 0, close: async () => undefined };
  const queue = await DiskQueue.open({ directory: join(dataDirectory, QUEUE_DIRECTORY), maxBytes });
  const backlog = new Backlog({
    queue,
    maxHeld: Math.min(MAX_HELD, Math.ceil(maxPending * HELD_SHARE)),
    deliver: (record) => log.deliver(record),
    onReleased: (outcome, records) => metrics.queued.add(outcome, records),
    onError,
    logger,
  });
  log.useBacklog(backlog);
  return {
    gauges: queueGauges(queue),
    hasRoom: () => !queue.isFull,
    held: () => backlog.held,
    close: () => backlog.close(),
  };
}

/** The size of the disk queue, for `/metrics`. */
export function queueGauges(queue: Pick<DiskQueue, 'records' | 'bytes'>): readonly Gauge[] {
  return [
    new Gauge({ name: 'gateway_queue_records', help: 'Records that wait on the disk.', read: () => queue.records }),
    new Gauge({ name: 'gateway_queue_bytes', help: 'Bytes of the disk queue.', read: () => queue.bytes }),
  ];
}
