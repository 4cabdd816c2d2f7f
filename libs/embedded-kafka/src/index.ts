export { PortInUseError, startBroker, type RunningBroker } from './broker.ts';
export type { BrokerOptions } from './broker-options.ts';
export { jsonLogger, silentLogger, type BrokerLogger } from './logger.ts';
export { DataDirectoryInUseError } from './storage/data-lock.ts';
export type { BrokerControl, Interception, Interceptor, Occurrence } from './server/control.ts';
export type { RequestContext } from './server/handler.ts';
