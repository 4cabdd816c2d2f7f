/** A service's name in the four ways in which it is written. */
export interface ServiceNames {
  /** `service-name` */
  readonly kebab: string;
  /** `serviceName` */
  readonly camel: string;
  /** `ServiceName` */
  readonly pascal: string;
  /** `SERVICE_NAME` */
  readonly upper: string;
}

/** A name that cannot be used, or a place that is taken; the message says what is allowed. */
export class NewServiceError extends Error {
  readonly code = 'NEW_SERVICE';
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const MAX_LENGTH = 40;
/** What a service may be called, for people. */
export const ALLOWED_NAMES = `words of a-z and 0-9 joined by -, at most ${MAX_LENGTH} characters`;

/** Reads a service's name. Throws `NewServiceError`. */
export function readServiceName(text: string | undefined): ServiceNames {
  if (text === undefined || !NAME.test(text) || text.length > MAX_LENGTH) {
    const given = text === undefined ? 'which name?' : `${text} is no name for a service:`;
    throw new NewServiceError(`${given} allowed are ${ALLOWED_NAMES}`);
  }
  const words = text.split('-');
  const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return {
    kebab: text,
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    pascal,
    upper: words.join('_').toUpperCase(),
  };
}

/** Puts the names of a service in the place of the template's. */
export function renamed(text: string, names: ServiceNames): string {
  return text
    .replaceAll('SERVICE_NAME', names.upper)
    .replaceAll('ServiceName', names.pascal)
    .replaceAll('serviceName', names.camel)
    .replaceAll('service-name', names.kebab);
}
