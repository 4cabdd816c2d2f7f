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
} from './settings/kinds.ts';
export type { NumberLimits, Setting, SettingKind, SettingsShape, SettingValues } from './settings/setting.ts';
export { sharedSettings } from './settings/shared-settings.ts';
export type { SharedSettings } from './settings/shared-settings.ts';

// Running a service
export { runService } from './service/run-service.ts';
export type {
  PlainService,
  RunningService,
  SchemaRegistryAccess,
  ServiceContext,
  ServiceDefinition,
  ServiceOverrides,
  ServiceSettings,
  ServiceTopic,
  StartedService,
  TopologyService,
} from './service/service-definition.ts';
export { HealthChecks } from './health/health-checks.ts';
export type { HealthCheck } from './health/health-checks.ts';
export { createLogger, LOG_LEVELS, withoutTicket } from './logging/logger.ts';
export type { LogLevel, ServiceLogger } from './logging/logger.ts';

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
export { TokenError } from './tokens/token-error.ts';
export type { TokenErrorCode } from './tokens/token-error.ts';
export type { DevelopmentClaims, ServiceIdentity } from './tokens/service-identity.ts';

// Problem documents
export { Problem, problem, PROBLEM_MEDIA_TYPE } from './problem/problem.ts';
export type { FieldProblem, ProblemDocument, ProblemOptions } from './problem/problem.ts';
