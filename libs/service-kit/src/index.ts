// Settings
export { ConfigError, defineSettings, loadSettings, unknownVariables } from './settings/load-settings.ts';
export type { Environment, SettingProblem } from './settings/load-settings.ts';
export {
  boolean,
  bytes,
  durationMs,
  int,
  json,
  list,
  oneOf,
  optional,
  port,
  secret,
  string,
  url,
  urls,
} from './settings/kinds.ts';
export type { NumberLimits, Setting, SettingKind, SettingsShape, SettingValues } from './settings/setting.ts';
export { describeSettings, printSettings } from './settings/describe-settings.ts';
export { sharedSettings } from './settings/shared-settings.ts';
export type { SharedSettings } from './settings/shared-settings.ts';

// Running a service
export { runService } from './service/run-service.ts';
export { runMain } from './service/run-main.ts';
export { collectRarely } from './service/collect-rarely.ts';
export { describeFailure, runProcess } from './service/run-process.ts';
export type { ChildMessage, ProcessOptions, ProcessPart, StopMessage } from './service/run-process.ts';
export { ServiceError } from './service/service-error.ts';
export type { ServiceErrorCode } from './service/service-error.ts';
export { closeServer, listen } from './service/listen.ts';
export type { ListenOptions } from './service/listen.ts';
export type {
  PlainService,
  RunningService,
  RunningTopology,
  SchemaRegistryAccess,
  ServiceContext,
  ServiceDefinition,
  ServiceOverrides,
  ServiceSettings,
  ServiceTopic,
  StartedPart,
  TopicOptions,
  TopologyService,
} from './service/service-definition.ts';
export { globalTable } from './service/global-table.ts';
export type { RecordPlace } from './service/global-table.ts';
export { HealthChecks } from './health/health-checks.ts';
export type { HealthCheck } from './health/health-checks.ts';
export { bearerToken, requireServiceToken, serviceCaller } from './health/admin-server.ts';
export { createLogger, withoutTicket } from './logging/logger.ts';
export type { ServiceLogger } from './logging/logger.ts';
export { LogThrottle } from './logging/log-throttle.ts';
export { LOG_LEVELS } from './logging/log-levels.ts';
export type { LogLevel } from './logging/log-levels.ts';

// Tokens and tickets
export { isViewer, ROLES } from './tokens/identity.ts';
export type { Identity, Role, ViewerIdentity } from './tokens/identity.ts';
export { TICKET_LIFE_MS } from './tokens/ticket.ts';
export type {
  ContentKind,
  Ticket,
  TicketClaims,
  TicketSigner,
  TicketVerifier,
  TokenVerifier,
} from './tokens/ticket.ts';
export { createTerminationTokens, TERMINATION_TOKEN_LIFE_MS } from './tokens/termination-tokens.ts';
export type { TerminationClaims, TerminationTokens } from './tokens/termination-tokens.ts';
export { createTickets } from './tokens/tickets.ts';
export type { TicketOptions } from './tokens/tickets.ts';
export { createTokenVerifier } from './tokens/token-verifier.ts';
export type { TokenVerifierOptions } from './tokens/token-verifier.ts';
export { ServiceTokens } from './tokens/service-tokens.ts';
export type { ServiceCaller, ServiceClaims } from './tokens/service-tokens.ts';
export type { ClaimPaths, Issuer } from './tokens/issuers.ts';
export { parseSecretKeys } from './tokens/secret-keys.ts';
export type { SecretKey } from './tokens/secret-keys.ts';
export { developmentKeys } from './tokens/development-keys.ts';
export type { DevelopmentKeys } from './tokens/development-keys.ts';
export { idProblem, isTenant } from './tokens/id-shapes.ts';
export { TokenError } from './tokens/token-error.ts';
export type { TokenErrorCode } from './tokens/token-error.ts';
export { createServiceIdentity, isLoopback } from './tokens/service-identity.ts';
export type {
  DevelopmentClaims,
  DevelopmentIssuer,
  IdentitySettings,
  ServiceIdentity,
} from './tokens/service-identity.ts';

// Problem documents
export { Problem, problem, PROBLEM_MEDIA_TYPE } from './problem/problem.ts';
export { answerProblem, problemHandler, toProblem, unknownRoute } from './problem/answer-problem.ts';
export type { ErrorLogger } from './problem/answer-problem.ts';
export type { FieldProblem, ProblemDocument, ProblemOptions } from './problem/problem.ts';

// Calling other services
export { KeepAliveClient } from './http/keep-alive-client.ts';
export type { ClientRequest, ClientResponse, KeepAliveOptions } from './http/keep-alive-client.ts';
export { makeRoom } from './tables/make-room.ts';
