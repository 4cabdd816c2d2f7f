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
      if (continuesSession(request)) return { errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND, responses: [] };
      const first = readAll(request, options);
      const missing = request.minBytes - first.bytes;
      const mayWait = first.logs.length > 0 && !first.answerNow && request.maxWaitMs > 0;
      if (missing <= 0 || !mayWait) return first.response;
      const isolated = request.isolationLevel === READ_COMMITTED;
      return waitForGrowth({ logs: first.logs, isolated, bytes: missing, maxWaitMs: request.maxWaitMs, signal }).then(
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

/** Epoch 0 opens a session and -1 does without: such a request is whole, and what session it names is closed with it (KIP-227). kafka-go names -1. */
function continuesSession({ sessionId, sessionEpoch }: FetchRequest): boolean {
  return sessionId !== 0 && sessionEpoch !== 0 && sessionEpoch !== -1;
}

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
      if (log !== undefined) logs.push(log);
      const { response, goesOn } = readOne(log, wanted, { room, atLeastOne: bytes === 0, isolated });
      if (response.errorCode !== ErrorCode.NONE || goesOn) answerNow = true;
      const got = (response.records as Buffer).length;
      bytes += got;
      room -= got;
      return response;
    }),
  }));
  return { response: { responses }, bytes, answerNow, logs };
}

interface ReadOptions {
  readonly room: number;
  readonly atLeastOne: boolean;
  /** Only what no open transaction holds back, with the aborted ones named. */
  readonly isolated: boolean;
}

interface PartitionReading {
  readonly response: PartitionResponse;
  readonly goesOn: boolean;
}

function readOne(
  log: PartitionLog | undefined,
  { partition, currentLeaderEpoch, fetchOffset, partitionMaxBytes }: PartitionRequest,
  { room, atLeastOne, isolated }: ReadOptions,
): PartitionReading {
  if (log === undefined) return failed(partition, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  const epochError = checkLeaderEpoch(currentLeaderEpoch, log.leaderEpoch);
  if (epochError !== ErrorCode.NONE) return failed(partition, epochError);
  const { lastStableOffset } = log;
  const limit = Math.max(0, Math.min(partitionMaxBytes, room));
  const read = log.read(fetchOffset, limit, atLeastOne, isolated ? lastStableOffset : log.nextOffset);
  const { errorCode, records, endOffset, goesOn } = read;
  const response = {
    partitionIndex: partition,
    errorCode,
    highWatermark: log.nextOffset,
    lastStableOffset,
    logStartOffset: log.logStartOffset,
    ...(isolated ? { abortedTransactions: records.length === 0 ? [] : log.abortedWithin(fetchOffset, endOffset) } : {}),
    records,
  };
  return { response, goesOn };
}

const failed = (partition: number, errorCode: number): PartitionReading => ({
  response: failedPartition(partition, errorCode),
  goesOn: false,
});

function failedPartition(partitionIndex: number, errorCode: number): PartitionResponse {
  return { partitionIndex, errorCode, highWatermark: -1, records: EMPTY };
}
