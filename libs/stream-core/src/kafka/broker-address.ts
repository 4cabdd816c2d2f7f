import { StreamsError } from '../errors.ts';

/** Where a broker listens. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`; an IPv6 address stands in brackets: `[::1]:9092`. Throws `StreamsError` (STREAMS_CONFIG). */
export function parseBrokerAddress(text: string): BrokerAddress {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text.trim());
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new StreamsError('STREAMS_CONFIG', `"${text}" is no broker address: host:port or [IPv6]:port`);
  }
  return { host, port };
}

/** The address as people write it. */
export function addressName({ host, port }: BrokerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
