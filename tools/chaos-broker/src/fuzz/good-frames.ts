import {
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  alterConfigsApi,
  type AnyApi,
  type Api,
  apiVersionsApi,
  createPartitionsApi,
  createTopicsApi,
  deleteGroupsApi,
  deleteRecordsApi,
  deleteTopicsApi,
  describeConfigsApi,
  describeGroupsApi,
  encodeRequest,
  endTxnApi,
  fetchApi,
  findCoordinatorApi,
  heartbeatApi,
  incrementalAlterConfigsApi,
  initProducerIdApi,
  joinGroupApi,
  leaveGroupApi,
  listGroupsApi,
  listOffsetsApi,
  metadataApi,
  offsetCommitApi,
  offsetDeleteApi,
  offsetFetchApi,
  offsetForLeaderEpochApi,
  produceApi,
  RecordBatchWriter,
  syncGroupApi,
  txnOffsetCommitApi,
} from '@playhead/kafka-protocol';

/** The topic that the frames are about. */
export const TARGET = 'target';

const PRODUCER = { producerId: 7, producerEpoch: 0 };
const partitions = [{ partitionIndex: 0, committedOffset: 1, committedMetadata: 'm' }];

function batch(compression: 'none' | 'gzip' | 'zstd', isTransactional = false): Buffer {
  const writer = new RecordBatchWriter();
  for (let i = 0; i < 5; i++) writer.append(1_700_000_000_000 + i, `key ${i}`, `value ${i}`);
  return Buffer.from(writer.seal({ compression, ...PRODUCER, baseSequence: 0, isTransactional }));
}

const produceRequest = (records: Buffer, transactionalId: string | null = null) => ({
  transactionalId,
  acks: -1,
  timeoutMs: 1000,
  topicData: [{ name: TARGET, partitionData: [{ index: 0, records }] }],
});

/** One request of every API; what parks waits for a short time only. */
const REQUESTS: readonly (readonly [AnyApi, object])[] = [
  request(produceApi, produceRequest(batch('none'))),
  request(produceApi, produceRequest(batch('gzip'))),
  request(produceApi, produceRequest(batch('zstd', true), 'transaction')),
  request(fetchApi, {
    maxWaitMs: 1,
    minBytes: 1,
    maxBytes: 1_000_000,
    topics: [{ topic: TARGET, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100_000 }] }],
  }),
  request(listOffsetsApi, { topics: [{ name: TARGET, partitions: [{ partitionIndex: 0, timestamp: -1 }] }] }),
  request(metadataApi, { topics: [{ name: TARGET }], allowAutoTopicCreation: false }),
  request(offsetCommitApi, { groupId: 'g', topics: [{ name: TARGET, partitions }] }),
  request(offsetFetchApi, { groupId: 'g', topics: [{ name: TARGET, partitionIndexes: [0] }] }),
  request(findCoordinatorApi, { key: 'g' }),
  request(joinGroupApi, {
    groupId: 'g',
    sessionTimeoutMs: 6000,
    rebalanceTimeoutMs: 50,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.from('metadata') }],
  }),
  request(heartbeatApi, { groupId: 'g', generationId: 1, memberId: 'm' }),
  request(leaveGroupApi, { groupId: 'g', memberId: 'm', members: [{ memberId: 'm' }] }),
  request(syncGroupApi, {
    groupId: 'g',
    generationId: 1,
    memberId: 'm',
    assignments: [{ memberId: 'm', assignment: Buffer.from('all') }],
  }),
  request(describeGroupsApi, { groups: ['g', 'other'] }),
  request(listGroupsApi, {}),
  request(apiVersionsApi, { clientSoftwareName: 'fuzz', clientSoftwareVersion: '1' }),
  request(createTopicsApi, {
    topics: [
      { name: 'created', numPartitions: 2, replicationFactor: 1, configs: [{ name: 'retention.ms', value: '1000' }] },
    ],
    timeoutMs: 1000,
  }),
  request(deleteTopicsApi, { topicNames: ['created'], timeoutMs: 1000 }),
  request(deleteRecordsApi, {
    topics: [{ name: TARGET, partitions: [{ partitionIndex: 0, offset: 1 }] }],
    timeoutMs: 9,
  }),
  request(initProducerIdApi, { transactionalId: null, transactionTimeoutMs: 1000 }),
  request(initProducerIdApi, { transactionalId: 'transaction', transactionTimeoutMs: 1000 }),
  request(offsetForLeaderEpochApi, { topics: [{ topic: TARGET, partitions: [{ partition: 0, leaderEpoch: 0 }] }] }),
  request(addPartitionsToTxnApi, {
    transactionalId: 'transaction',
    ...PRODUCER,
    topics: [{ name: TARGET, partitions: [0] }],
  }),
  request(addOffsetsToTxnApi, { transactionalId: 'transaction', ...PRODUCER, groupId: 'g' }),
  request(endTxnApi, { transactionalId: 'transaction', ...PRODUCER, committed: true }),
  request(txnOffsetCommitApi, {
    transactionalId: 'transaction',
    groupId: 'g',
    ...PRODUCER,
    topics: [{ name: TARGET, partitions }],
  }),
  request(describeConfigsApi, { resources: [{ resourceType: 2, resourceName: TARGET }] }),
  request(alterConfigsApi, {
    resources: [{ resourceType: 2, resourceName: TARGET, configs: [{ name: 'retention.ms', value: '99999999' }] }],
  }),
  request(incrementalAlterConfigsApi, {
    resources: [
      {
        resourceType: 2,
        resourceName: TARGET,
        configs: [{ name: 'retention.ms', configOperation: 0, value: '99999999' }],
      },
    ],
  }),
  request(createPartitionsApi, { topics: [{ name: 'created', count: 3 }], timeoutMs: 1000 }),
  request(deleteGroupsApi, { groupsNames: ['g'] }),
  request(offsetDeleteApi, { groupId: 'g', topics: [{ name: TARGET, partitions: [{ partitionIndex: 0 }] }] }),
];

/** Ties a request to its API's type. */
function request<In>(api: Api<In, unknown, never, unknown>, body: In & object): readonly [AnyApi, object] {
  return [api, body];
}

/** A frame that a broker understands, with its size in front. */
export interface GoodFrame {
  readonly api: string;
  readonly version: number;
  readonly frame: Buffer;
}

/** A frame of every API in every version that the broker says it serves. */
export function goodFrames(
  advertised: readonly { readonly apiKey: number; readonly minVersion: number; readonly maxVersion: number }[],
): readonly GoodFrame[] {
  const envelope = { correlationId: 1, clientId: 'fuzz' };
  return advertised.flatMap(({ apiKey, minVersion, maxVersion }) => {
    const requests = REQUESTS.filter(([api]) => api.key === apiKey);
    if (requests.length === 0) throw new Error(`API ${apiKey} is served and has no frame here`);
    return requests.flatMap(([api, body]) => {
      const from = Math.max(minVersion, api.minVersion);
      return Array.from({ length: maxVersion - from + 1 }, (_, i) => ({
        api: api.name,
        version: from + i,
        frame: Buffer.concat(encodeRequest(api as Api<object, unknown, never, unknown>, from + i, envelope, body)),
      }));
    });
  });
}
