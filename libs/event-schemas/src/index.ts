export { GUARD_ROUTES } from './concurrency.ts';
export type {
  AccountRef,
  AdmissionDecision,
  ConcurrencyGuard,
  Conflict,
  LogPosition,
  SessionView,
  StreamView,
  Verdict,
} from './concurrency.ts';

export { newPlaybackHeartbeat, PLAYBACK_HEARTBEAT_SCHEMA } from './events/playback-heartbeat.ts';
export type {
  CmcdIdentity,
  Consent,
  ContentKind,
  DeviceClass,
  EventSource,
  Evidence,
  EvidenceKind,
  HeartbeatType,
  NetworkKind,
  NewPlaybackHeartbeat,
  PlaybackHeartbeat,
  PlayerState,
} from './events/playback-heartbeat.ts';
export { newPlaybackEvent, PLAYBACK_EVENT_SCHEMA } from './events/playback-event.ts';
export type {
  Ad,
  ErrorCategory,
  MediaResponse,
  NewPlaybackEvent,
  PlaybackError,
  PlaybackEvent,
  PlaybackEventType,
  PlayerSetting,
  PlayOrigin,
  Rendition,
  Seek,
} from './events/playback-event.ts';
export { newPlaybackDecision, PLAYBACK_DECISION_SCHEMA } from './events/playback-decision.ts';
export type {
  DecisionConflict,
  DecisionOutcome,
  DecisionType,
  NewPlaybackDecision,
  PlaybackDecision,
  PolicyEvaluation,
} from './events/playback-decision.ts';
export { newPlaybackVerdict, PLAYBACK_VERDICT_SCHEMA } from './events/playback-verdict.ts';
export type { NewPlaybackVerdict, PlaybackVerdict, StreamVerdict } from './events/playback-verdict.ts';
export { ACCOUNT_ENTITLEMENT_SCHEMA, newAccountEntitlement } from './events/account-entitlement.ts';
export type { AccountEntitlement, NewAccountEntitlement } from './events/account-entitlement.ts';

export { createTopics, deadLetterTopic, topics } from './topics/topics.ts';
export type { TopicOptions, Topics } from './topics/topics.ts';
export type { CatalogueTopic, DeadLetterTopic } from './topics/catalogue-topic.ts';

export { cmcdEventId, nativeEventId } from './keys/event-id.ts';
export type { CmcdEventIdentity, NativeEventIdentity } from './keys/event-id.ts';
export { InvalidKeyError } from './keys/invalid-key-error.ts';
export {
  accountKey,
  accountKeyOfSession,
  checkId,
  looksLikeEmail,
  MAX_ID_LENGTH,
  parseAccountKey,
  parseSessionKey,
  sessionKey,
} from './keys/record-keys.ts';
export type { AccountKeyParts, SessionKeyParts } from './keys/record-keys.ts';
export { uuidV5 } from './keys/uuid-v5.ts';

export { avroSerde } from './serde/avro-serde.ts';
export type { AvroSerdeOptions } from './serde/avro-serde.ts';
export { bytesSerde } from './serde/bytes-serde.ts';

export { SchemaRegistryError, SchemaRegistrySource } from './registry/schema-registry-source.ts';
export type { SchemaRegistrySourceOptions } from './registry/schema-registry-source.ts';
