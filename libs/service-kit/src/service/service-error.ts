/** Why a service cannot start. */
export type ServiceErrorCode =
  | 'PORT_IN_USE'
  | 'PORT_REFUSED'
  | 'DATA_DIRECTORY_IN_USE'
  | 'TOPIC_PARTITIONS'
  | 'STOPPED';

/** A service that cannot start; the message is for whoever starts it and names the setting to change. */
export class ServiceError extends Error {
  readonly code: ServiceErrorCode;

  constructor(code: ServiceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ServiceError';
    this.code = code;
  }
}
