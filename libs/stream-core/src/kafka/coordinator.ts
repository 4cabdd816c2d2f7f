import { ErrorCode } from '@playhead/kafka-protocol';
import { addressName } from './broker-address.ts';
import type { BrokerAddress } from './broker-address.ts';
import type { BrokerSockets } from './broker-sockets.ts';
import { calls } from './calls.ts';
import type { Call } from './calls.ts';
import type { Cluster } from './cluster.ts';
import { BrokerError, brokerError } from './errors.ts';

const KEY_TYPES = { group: 0, transaction: 1 } as const;

/** Finds the broker that coordinates a group or a transactional id, and asks it. */
export class Coordinator {
  readonly #cluster: Cluster;
  readonly #type: keyof typeof KEY_TYPES;
  readonly #key: string;
  #address: BrokerAddress | undefined;
  #finding: Promise<BrokerAddress> | undefined;

  constructor(cluster: Cluster, type: keyof typeof KEY_TYPES, key: string) {
    this.#cluster = cluster;
    this.#type = type;
    this.#key = key;
  }

  /**
   * One attempt over `sockets`; `codeOf` finds the error in an answer. Rejects with `BrokerError`; one that asks for a
   * refresh makes the next call look the coordinator up again.
   */
  async ask<In, Out>(
    sockets: BrokerSockets,
    call: Call<In, Out>,
    request: In,
    codeOf: (answer: Out) => number,
    timeoutMs?: number,
  ): Promise<Out> {
    const address = await this.#find();
    try {
      const connection = await sockets.get(address);
      const answer = await connection.send(call, request, timeoutMs);
      const code = codeOf(answer);
      // MEMBER_ID_REQUIRED brings the member id with it: an answer, not a failure.
      if (code !== 0 && code !== ErrorCode.MEMBER_ID_REQUIRED)
        throw brokerError(code, `${call.api.name} of ${this.#type} ${this.#key}`);
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
      key: this.#key,
      keyType: KEY_TYPES[this.#type],
    });
    if (errorCode !== 0) throw brokerError(errorCode, `coordinator of ${this.#type} ${this.#key}`);
    this.#address = { host, port };
    return this.#address;
  }
}
