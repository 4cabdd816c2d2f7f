import { describe, expect, test } from '@jest/globals';
import {
  apiVersionsApi,
  decodeRequest,
  decodeRequestHeader,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  metadataApi,
  offsetFetchApi,
  txnOffsetCommitApi,
  type AnyApi,
} from '../../src/index.ts';
import { javaMessage } from '../fixtures/java-bytes.ts';

const envelope = { correlationId: 77, clientId: 'probe' };

/** The frame without its size, which is checked here. */
function frameOf(chunks: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(chunks);
  expect(bytes.readInt32BE(0)).toBe(bytes.length - 4);
  return bytes.subarray(4);
}

describe('bytes that Apache Kafka itself writes', () => {
  const txnCommit = {
    transactionalId: 'tx',
    groupId: 'g',
    producerId: 9001,
    producerEpoch: 3,
    generationId: 5,
    memberId: 'm-1',
    groupInstanceId: 'i-1',
    topics: [
      {
        name: 'beats',
        partitions: [
          { partitionIndex: 2, committedOffset: 2 ** 32 + 5, committedLeaderEpoch: 4, committedMetadata: 'žluť' },
        ],
      },
    ],
  };
  const requests: readonly [string, AnyApi, number, unknown][] = [
    ['apiVersionsRequest0', apiVersionsApi, 0, {}],
    ['apiVersionsRequest3', apiVersionsApi, 3, { clientSoftwareName: 'playhead', clientSoftwareVersion: '0.1.0' }],
    ['metadataRequest6', metadataApi, 6, { topics: null, allowAutoTopicCreation: false }],
    ['txnOffsetCommitRequest3', txnOffsetCommitApi, 3, txnCommit],
  ];

  test.each(requests)('%s is written to the byte and read back', (name, api, version, message) => {
    const frame = javaMessage(name);
    expect(frameOf(encodeRequest(api, version, envelope, message as never)).toString('hex')).toBe(
      frame.toString('hex'),
    );
    const header = decodeRequestHeader(frame);
    expect(header).toMatchObject({ apiKey: api.key, apiVersion: version, ...envelope });
    expect(decodeRequest(api, header, frame)).toMatchObject(message as object);
  });

  const metadata = {
    brokers: [{ nodeId: 1, host: '127.0.0.1', port: 9092 }],
    clusterId: 'c1',
    controllerId: 1,
    topics: [
      {
        errorCode: 0,
        name: 'beats',
        partitions: [
          { errorCode: 0, partitionIndex: 0, leaderId: 1, leaderEpoch: 4, replicaNodes: [1], isrNodes: [1] },
        ],
      },
    ],
  };
  const versions = { errorCode: 0, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }] };
  const features = {
    supportedFeatures: [{ name: 'group.version', minVersion: 0, maxVersion: 1 }],
    finalizedFeaturesEpoch: 12,
  };
  const offsets = {
    topics: [{ name: 'beats', partitions: [{ partitionIndex: 2, committedOffset: -1, metadata: '', errorCode: 88 }] }],
  };
  const responses: readonly [string, AnyApi, number, unknown][] = [
    ['apiVersionsResponse0', apiVersionsApi, 0, versions],
    ['apiVersionsResponse3', apiVersionsApi, 3, { ...versions, ...features }],
    ['metadataResponse8', metadataApi, 8, metadata],
    ['metadataResponse9', metadataApi, 9, metadata],
    ['offsetFetchResponse7', offsetFetchApi, 7, offsets],
  ];

  test.each(responses)('%s is written to the byte and read back', (name, api, version, message) => {
    const frame = javaMessage(name);
    expect(frameOf(encodeResponse(api, version, 77, message as never)).toString('hex')).toBe(frame.toString('hex'));
    expect(decodeResponse(api, version, frame.subarray(4))).toMatchObject(message as object);
  });
});

describe('request headers', () => {
  test('of an API and a version nobody knows are still read', () => {
    const frame = Buffer.from('7fff006300000001ffffdeadbeef', 'hex');
    expect(decodeRequestHeader(frame)).toEqual({
      apiKey: 32_767,
      apiVersion: 99,
      correlationId: 1,
      clientId: null,
      endOffset: 10,
    });
  });

  test('that end early are a ProtocolError', () => {
    for (const hex of ['', '0012', '001200000000', '0012000000000001000a61']) {
      expect(() => decodeRequestHeader(Buffer.from(hex, 'hex'))).toThrow(
        expect.objectContaining({ name: 'ProtocolError' }),
      );
    }
  });

  test('of flexible versions may carry tagged fields', () => {
    const [name, version] = [Buffer.from('09706c617968656164', 'hex'), Buffer.from('06302e312e30', 'hex')];
    const header = Buffer.from('001200030000004d000570726f6265', 'hex');
    const frame = Buffer.concat([header, Buffer.from('010702abcd', 'hex'), name, version, Buffer.from('00', 'hex')]);
    expect(decodeRequest(apiVersionsApi, decodeRequestHeader(frame), frame)).toEqual({
      clientSoftwareName: 'playhead',
      clientSoftwareVersion: '0.1.0',
    });
  });
});
