import { ErrorCode } from '@playhead/kafka-protocol';
import { addressName } from './broker-address.ts';
import type { BrokerAddress } from './broker-address.ts';
import type { BrokerSockets } from './broker-sockets.ts';
import { calls } from './calls.ts';
import type { Call } from './calls.ts';
import type { Cluster } from './cluster.ts';
import { BrokerError, brokerError } from './errors.ts';

const GROUP = 0;

/**
 * Finds a group's coordinator and talks to it over two sockets: joins may be held by the broker for a minute, and
 * commits must not wait behind them.
 */
export class GroupCoordinator {
  readonly #cluster: Cluster;
  readonly #groupId: string;
  readonly #membership: BrokerSockets;
  readonly #offsets: BrokerSockets;
  #address: BrokerAddress | undefined;
  #finding: Promise<BrokerAddress> | undefined;

  constructor(cluster: Cluster, groupId: string) {
    this.#cluster = cluster;
    this.#groupId = groupId;
    this.#membership = cluster.openSockets();
    this.#offsets = cluster.openSockets();
  }

  /** Join, sync, heartbeat, leave. Rejects with `BrokerError`; one that asks for a refresh makes the next call look the coordinator up again. */
  member<In, Out extends { readonly errorCode: number }>(
    call: Call<In, Out>,
    request: In,
    timeoutMs?: number,
  ): Promise<Out> {
    return this.#ask(this.#membership, call, request, timeoutMs, ({ errorCode }) => errorCode);
  }

  /** Offset commits and fetches. `codeOf` finds the error in an answer. */
  offsets<In, Out>(call: Call<In, Out>, request: In, codeOf: (answer: Out) => number): Promise<Out> {
    return this.#ask(this.#offsets, call, request, undefined, codeOf);
  }

  close(): void {
    this.#cluster.closeSockets(this.#membership);
    this.#cluster.closeSockets(this.#offsets);
  }

  async #ask<In, Out>(
    sockets: BrokerSockets,
    call: Call<In, Out>,
    request: In,
    timeoutMs: number | undefined,
    codeOf: (answer: Out) => number,
  ): Promise<Out> {
    const address = await this.#find();
    try {
      const connection = await sockets.get(address);
      const answer = await connection.send(call, request, timeoutMs);
      const code = codeOf(answer);
      // MEMBER_ID_REQUIRED brings the member id with it: an answer, not a failure.
      if (code !== 0 && code !== ErrorCode.MEMBER_ID_REQUIRED)
        throw brokerError(code, `${call.api.name} of group ${this.#groupId}`);
      return answer;
    } catch (error) {
      const isStale = error instanceof BrokerError && error.recovery === 'refresh';
      if (isStale && this.#address !== undefined && addressName(this.#address) === addressName(address))
        this.#address = undefined;
      throw error;
    }
  }

  #find(): Promise<BrokerAddress> {
    if (this.#address !== undefined) return Promise.resolve(this.#address);
    this.#finding ??= this.#lookUp().finally(() => (this.#finding = undefined));
    return this.#finding;
  }

  async #lookUp(): Promise<BrokerAddress> {
    const { errorCode, host, port } = await this.#cluster.askAny(calls.findCoordinator, {
      key: this.#groupId,
      keyType: GROUP,
    });
    if (errorCode !== 0) throw brokerError(errorCode, `coordinator of group ${this.#groupId}`);
    this.#address = { host, port };
    return this.#address;
  }
}
