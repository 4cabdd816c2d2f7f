export { apis, findApi } from './apis/api-list.ts';
export { produceApi } from './apis/produce.ts';
export { fetchApi } from './apis/fetch.ts';
export { listOffsetsApi } from './apis/list-offsets.ts';
export { metadataApi } from './apis/metadata.ts';
export { offsetCommitApi } from './apis/offset-commit.ts';
export { offsetFetchApi } from './apis/offset-fetch.ts';
export { findCoordinatorApi } from './apis/find-coordinator.ts';
export { joinGroupApi } from './apis/join-group.ts';
export { heartbeatApi } from './apis/heartbeat.ts';
export { leaveGroupApi } from './apis/leave-group.ts';
export { syncGroupApi } from './apis/sync-group.ts';
export { describeGroupsApi } from './apis/describe-groups.ts';
export { listGroupsApi } from './apis/list-groups.ts';
export { saslHandshakeApi } from './apis/sasl-handshake.ts';
export { apiVersionsApi } from './apis/api-versions.ts';
export { createTopicsApi } from './apis/create-topics.ts';
export { deleteTopicsApi } from './apis/delete-topics.ts';
export { deleteRecordsApi } from './apis/delete-records.ts';
export { initProducerIdApi } from './apis/init-producer-id.ts';
export { offsetForLeaderEpochApi } from './apis/offset-for-leader-epoch.ts';
export { addPartitionsToTxnApi } from './apis/add-partitions-to-txn.ts';
export { addOffsetsToTxnApi } from './apis/add-offsets-to-txn.ts';
export { endTxnApi } from './apis/end-txn.ts';
export { txnOffsetCommitApi } from './apis/txn-offset-commit.ts';
export { describeConfigsApi } from './apis/describe-configs.ts';
export { alterConfigsApi } from './apis/alter-configs.ts';
export { saslAuthenticateApi } from './apis/sasl-authenticate.ts';
export { createPartitionsApi } from './apis/create-partitions.ts';
export { deleteGroupsApi } from './apis/delete-groups.ts';
export { incrementalAlterConfigsApi } from './apis/incremental-alter-configs.ts';
export { offsetDeleteApi } from './apis/offset-delete.ts';
export { decodeRequest, decodeRequestHeader, decodeResponse, encodeRequest, encodeResponse } from './codec/framing.ts';
export type { RequestEnvelope, RequestHeader } from './codec/framing.ts';
export type {
  AnyApi,
  Api,
  MessageCodec,
  RequestInputOf,
  RequestOf,
  ResponseInputOf,
  ResponseOf,
} from './codec/define-api.ts';
export { CorruptBatchError, KafkaProtocolError, ProtocolError, UnsupportedCompressionError } from './errors.ts';
export type { KafkaProtocolErrorCode } from './errors.ts';
export { ByteReader } from './wire/byte-reader.ts';
export { ByteWriter } from './wire/byte-writer.ts';
export { crc32c } from './records/crc32c.ts';
export { MAX_DECOMPRESSED_BYTES, compressionName, decompress } from './records/compression.ts';
export type { Compression } from './records/compression.ts';
export {
  BATCH_HEADER_BYTES,
  BatchAttribute,
  BatchOffset,
  batchSizeAt,
  isBatchCrcValid,
  placeBatch,
  readBatchHeader,
  readInt64,
  stampBatch,
  writeInt64,
} from './records/batch-header.ts';
export type { RecordBatchHeader } from './records/batch-header.ts';
export { ControlType, RecordCursor } from './records/record-cursor.ts';
export type { RecordCursorOptions } from './records/record-cursor.ts';
export { RecordBatchWriter } from './records/record-batch-writer.ts';
export type { SealOptions } from './records/record-batch-writer.ts';
export { varintSize, varlongSize, writeVarint, writeVarlong } from './records/record-encoding.ts';
export type { RecordHeader } from './records/record-encoding.ts';
export { ErrorCode, errorName, isRetriable } from './error-codes.ts';
export type { ErrorCodeNumber } from './error-codes.ts';
