import { addressName } from './broker-address.ts';
import type { BrokerAddress } from './broker-address.ts';
import { BrokerConnection } from './connection.ts';
import type { BrokerConnectionOptions } from './connection.ts';
import { BrokerError, clientClosedError } from './errors.ts';
import type { Logger } from './types.ts';

/** Says once when a broker becomes unreachable and once when it is back, however many sockets notice. */
export class BrokerHealth {
  readonly #logger: Logger;
  /** One entry per broker that is away now. */
  readonly #away = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  reached(address: BrokerAddress): void {
    const broker = addressName(address);
    if (this.#away.delete(broker)) this.#logger.info({ broker }, 'broker is reachable again');
  }

  lost(address: BrokerAddress, error: BrokerError): void {
    const broker = addressName(address);
    if (this.#away.has(broker) || error.reason === 'CLIENT_CLOSED') return;
    this.#away.add(broker);
    this.#logger.warn({ broker, reason: error.reason, error: error.message }, 'broker cannot be reached');
  }
}

/**
 * One socket per broker for one purpose (a fetcher, a producer, a member's group requests, …). A broker answers one
 * request of a socket at a time, so a long poll or a join would hold up whatever shared its socket.
 */
export class BrokerSockets {
  readonly #options: BrokerConnectionOptions;
  readonly #health: BrokerHealth;
  /** At most one entry per broker address the cluster has had. */
  readonly #connections = new Map<string, BrokerConnection>();
  #closed = false;

  constructor(options: BrokerConnectionOptions, health: BrokerHealth) {
    this.#options = options;
    this.#health = health;
  }

  /** The open connection to a broker, if there is one now. */
  opened(address: BrokerAddress): BrokerConnection | undefined {
    const connection = this.#connections.get(addressName(address));
    return connection?.isOpen === true ? connection : undefined;
  }

  /** The connection to a broker, made if need be; concurrent callers get the same one. Rejects with `BrokerError`. */
  async get(address: BrokerAddress): Promise<BrokerConnection> {
    if (this.#closed) throw clientClosedError();
    const name = addressName(address);
    let connection = this.#connections.get(name);
    if (connection === undefined || connection.closeError !== undefined) {
      connection = new BrokerConnection(address, this.#options);
      this.#connections.set(name, connection);
    }
    try {
      await connection.open();
    } catch (error) {
      if (error instanceof BrokerError) this.#health.lost(address, error);
      throw error;
    }
    this.#health.reached(address);
    return connection;
  }

  /** Closes all of them; whatever waits for an answer is rejected. */
  close(): void {
    this.#closed = true;
    for (const connection of this.#connections.values()) connection.close(clientClosedError());
    this.#connections.clear();
  }
}
