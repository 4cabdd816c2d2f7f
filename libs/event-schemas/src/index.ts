export {
  GUARD_ROUTES,
  MAX_CONFLICTS,
  MAX_ENTRIES_PER_PAGE,
  MAX_QUESTION_MS,
  MAX_SESSIONS_PER_LOOKUP,
  MAX_STREAMS,
} from './concurrency.ts';
export type {
  AccountRef,
  ConcurrencyGuard,
  FoundSessions,
  LogPosition,
  SessionFilter,
  TrialStart,
} from './concurrency.ts';
export type {
  AccountEntitlementView,
  AccountStreams,
  AccountUsage,
  AdmissionDecision,
  Conflict,
  Explanation,
  FoundSession,
  AccountHistory,
  HistoryEntry,
  RuleEvaluation,
  SessionView,
  StoredPolicy,
  StreamEvidence,
  StreamView,
  Verdict,
} from './concurrency-views.ts';

export { MAX_POLICIES_PER_TENANT, MAX_RULES_PER_POLICY, POLICY_STRATEGIES } from './policies/policy.ts';
export type { Policy, PolicyLimit, PolicyRule, PolicyStrategy } from './policies/policy.ts';
export { CONTENT_KINDS, DEVICE_CLASSES } from './policies/attribute-values.ts';
export { policyVersion } from './policies/policy-version.ts';
export { POLICY_JSON_SCHEMA } from './policies/policy-schema.ts';
export { parsePolicy, validatePolicy } from './policies/validate-policy.ts';
export type { PolicyCheck } from './policies/validate-policy.ts';
export { schemaProblems } from './json-schema/schema-problems.ts';
export type { SchemaProblem } from './json-schema/schema-problems.ts';
export { attributesOf, attributeValue, fulfils, STREAM_ATTRIBUTES } from './policies/stream-attributes.ts';
export type { StreamAttribute, StreamAttributes, StreamCondition } from './policies/stream-attributes.ts';
export { failRule } from './policies/fail-rule.ts';
export type { UndecidedStart } from './policies/fail-rule.ts';
export { EVIDENCE_RULES, evidenceKindOf, MAX_EVIDENCE_TTL_MS } from './liveness/evidence-kinds.ts';
export type { EvidenceRule } from './liveness/evidence-kinds.ts';
export { nextBeatInMs } from './liveness/next-beat.ts';
export type { NextBeat } from './liveness/next-beat.ts';

export { words } from './schema/words.ts';
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
export { newTenantPolicy, TENANT_POLICY_SCHEMA } from './events/tenant-policy.ts';
export type { NewTenantPolicy, TenantPolicy } from './events/tenant-policy.ts';
export { newTenantSettings, TENANT_SETTINGS_SCHEMA } from './events/tenant-settings.ts';
export type { Enforcement, FailRule, NewTenantSettings, TenantSettings } from './events/tenant-settings.ts';
export { CONCURRENCY_LEVEL_SCHEMA, newConcurrencyLevel } from './events/concurrency-level.ts';
export type { ConcurrencyLevel, LevelChange, NewConcurrencyLevel } from './events/concurrency-level.ts';

export { createTopics, deadLetterTopic, topics } from './topics/topics.ts';
export type { TopicOptions, Topics } from './topics/topics.ts';
export type { CatalogueTopic, DeadLetterTopic } from './topics/catalogue-topic.ts';

export { cmcdEventId, evidenceEventId, nativeEventId } from './keys/event-id.ts';
export type { CmcdEventIdentity, EvidenceEventIdentity, NativeEventIdentity } from './keys/event-id.ts';
export { InvalidKeyError } from './keys/invalid-key-error.ts';
export {
  accountKey,
  accountKeyOfSession,
  checkId,
  looksLikeEmail,
  MAX_ID_LENGTH,
  parseAccountKey,
  parsePolicyKey,
  parseSessionKey,
  policyKey,
  sessionKey,
  tenantKey,
} from './keys/record-keys.ts';
export type { AccountKeyParts, PolicyKeyParts, SessionKeyParts } from './keys/record-keys.ts';
export { uuidV5 } from './keys/uuid-v5.ts';

export { avroSerde } from './serde/avro-serde.ts';
export type { AvroSerdeOptions } from './serde/avro-serde.ts';
export { bytesSerde } from './serde/bytes-serde.ts';

export { SchemaRegistryError, SchemaRegistrySource } from './registry/schema-registry-source.ts';
export type { SchemaRegistrySourceOptions } from './registry/schema-registry-source.ts';
