import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorCode } from '../internal/error-code.ts';
import { ServiceError } from './service-error.ts';

/** Connections that wait to be accepted: after a restart all players come at once, and one that finds no room tries again a second later. The system may allow fewer (`net.core.somaxconn`). */
const BACKLOG = 4096;

/** Where to listen, and the setting that says so. */
export interface ListenOptions {
  readonly port: number;
  readonly host: string;
  /** Named in the error: `GATEWAY_PORT`. */
  readonly setting: string;
}

/** Opens a server's port and gives its number (which port 0 leaves to the system). Throws `ServiceError` naming the setting. */
export async function listen(server: Server, { port, host, setting }: ListenOptions): Promise<number> {
  server.listen({ port, host, backlog: BACKLOG });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw portError(error, { port, host, setting });
  }
  return (server.address() as AddressInfo).port;
}

/** Takes no more connections, lets requests under way finish for at most `graceMs`, then cuts what is left. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(cut);
}

function portError(error: unknown, { port, host, setting }: ListenOptions): unknown {
  const code = errorCode(error);
  if (code === 'EADDRINUSE') {
    return new ServiceError('PORT_IN_USE', `${setting}: port ${port} on ${host} is in use; choose another one`, {
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    const message = `${setting}: port ${port} on ${host} cannot be opened (${code}); choose another one, or another BIND_ADDRESS`;
    return new ServiceError('PORT_REFUSED', message, { cause: error });
  }
  return error;
}
