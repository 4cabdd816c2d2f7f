import { ErrorCode, fetchApi, type RequestOf, type ResponseInputOf } from '@playhead/kafka-protocol';
import { defineHandler, type AnyApiHandler } from '../server/handler.ts';
import type { PartitionLog } from '../storage/partition-log.ts';
import type { TopicStore } from '../storage/topic-store.ts';
import { waitForGrowth } from './fetch-wait.ts';
import { checkLeaderEpoch } from './leader-epoch-check.ts';

type FetchRequest = RequestOf<typeof fetchApi>;
type FetchResponse = ResponseInputOf<typeof fetchApi>;
type PartitionRequest = FetchRequest['topics'][number]['partitions'][number];
type PartitionResponse = FetchResponse['responses'][number]['partitions'][number];

const READ_COMMITTED = 1;
const EMPTY = Buffer.alloc(0);

/** What Fetch needs of the broker. */
export interface FetchOptions {
  readonly topics: TopicStore;
  /** Most bytes in one response, whatever the client asks for; one batch is answered all the same. */
  readonly maxFetchBytes: number;
}

/** One look at everything a request asks for. */
interface Reading {
  readonly response: FetchResponse;
  readonly bytes: number;
  /** Waiting would not help: an error stays one, and the next read begins in a later segment, which holds more already. */
  readonly answerNow: boolean;
  readonly logs: readonly PartitionLog[];
}

/**
 * Reads batches; waits up to `maxWaitMs` for `minBytes`. Whole batches only, from the one that holds the offset, and at least one whatever the limits
 * say, so that a reader always gets on. There are no fetch sessions: every response has session id 0, which tells clients to send everything each time.
 */
export const fetch = (options: FetchOptions): AnyApiHandler =>
  defineHandler({
    api: fetchApi,
    versions: [4, 11],
    handle(request, { signal }) {
      if (request.sessionId !== 0) return { errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND, responses: [] };
      const first = readAll(request, options);
      const missing = request.minBytes - first.bytes;
      const mayWait = first.logs.length > 0 && !first.answerNow && request.maxWaitMs > 0;
      if (missing <= 0 || !mayWait) return first.response;
      return waitForGrowth({ logs: first.logs, bytes: missing, maxWaitMs: request.maxWaitMs, signal }).then(
        () => readAll(request, options).response,
      );
    },
    failed: (request, errorCode) => ({
      responses: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition }) => failedPartition(partition, errorCode)),
      })),
    }),
  });

function readAll(request: FetchRequest, { topics, maxFetchBytes }: FetchOptions): Reading {
  const isolated = request.isolationLevel === READ_COMMITTED;
  const logs: PartitionLog[] = [];
  let room = Math.min(request.maxBytes, maxFetchBytes);
  let bytes = 0;
  let answerNow = false;
  const responses = request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((wanted): PartitionResponse => {
      const log = topics.log(topic, wanted.partition);
      const read =
        log === undefined
          ? failedPartition(wanted.partition, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
          : readOne(log, wanted, room, bytes === 0);
      if (log !== undefined) logs.push(log);
      if (read.errorCode !== ErrorCode.NONE || log?.isBeforeOpenSegment(wanted.fetchOffset) === true) answerNow = true;
      const got = (read.records as Buffer).length;
      bytes += got;
      room -= got;
      return isolated ? { ...read, abortedTransactions: [] } : read;
    }),
  }));
  return { response: { responses }, bytes, answerNow, logs };
}

function readOne(log: PartitionLog, wanted: PartitionRequest, room: number, atLeastOne: boolean): PartitionResponse {
  const epochError = checkLeaderEpoch(wanted.currentLeaderEpoch, log.leaderEpoch);
  if (epochError !== ErrorCode.NONE) return failedPartition(wanted.partition, epochError);
  const limit = Math.max(0, Math.min(wanted.partitionMaxBytes, room));
  const { errorCode, records } = log.read(wanted.fetchOffset, limit, atLeastOne);
  return {
    partitionIndex: wanted.partition,
    errorCode,
    highWatermark: log.nextOffset,
    lastStableOffset: log.nextOffset,
    logStartOffset: log.logStartOffset,
    records,
  };
}

function failedPartition(partitionIndex: number, errorCode: number): PartitionResponse {
  return { partitionIndex, errorCode, highWatermark: -1, records: EMPTY };
}
