// What a process needs that is no service: settings, signals, ports, tokens, an HTTP client. Without express and Kafka it
// loads in a tenth of the time, which `npm start` and the command-line tools are glad of.

export { ConfigError, defineSettings, loadSettings } from './settings/load-settings.ts';
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
export type { SettingsShape, SettingValues } from './settings/setting.ts';
export { describeSettings } from './settings/describe-settings.ts';
export { sharedSettings } from './settings/shared-settings.ts';
export { LOG_LEVELS } from './logging/log-levels.ts';
export type { LogLevel } from './logging/log-levels.ts';

export { describeFailure, runProcess } from './service/run-process.ts';
export type { ChildMessage, ProcessOptions, ProcessPart, StopMessage } from './service/run-process.ts';
export { ServiceError } from './service/service-error.ts';
export { closeServer, listen } from './service/listen.ts';
export type { ListenOptions } from './service/listen.ts';

export { createServiceIdentity } from './tokens/service-identity.ts';
export type { DevelopmentClaims, DevelopmentIssuer, ServiceIdentity } from './tokens/service-identity.ts';
export { idProblem, isTenant } from './tokens/id-shapes.ts';
export { ROLES } from './tokens/identity.ts';
export type { Role } from './tokens/identity.ts';
export type { ContentKind, Ticket, TicketClaims } from './tokens/ticket.ts';

export { KeepAliveClient } from './http/keep-alive-client.ts';
export type { ClientRequest, ClientResponse, KeepAliveOptions } from './http/keep-alive-client.ts';
