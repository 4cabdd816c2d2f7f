import type { BrokerSockets } from './broker-sockets.ts';
import type { Call } from './calls.ts';
import type { Cluster } from './cluster.ts';
import { Coordinator } from './coordinator.ts';

/**
 * A group's coordinator, over two sockets: joins may be held by the broker for a minute, and commits must not wait
 * behind them.
 */
export class GroupCoordinator {
  readonly #cluster: Cluster;
  readonly #coordinator: Coordinator;
  readonly #membership: BrokerSockets;
  readonly #offsets: BrokerSockets;

  constructor(cluster: Cluster, groupId: string) {
    this.#cluster = cluster;
    this.#coordinator = new Coordinator(cluster, 'group', groupId);
    this.#membership = cluster.openSockets();
    this.#offsets = cluster.openSockets();
  }

  /** Join, sync, heartbeat, leave. Rejects as `Coordinator.ask` does. */
  member<In, Out extends { readonly errorCode: number }>(
    call: Call<In, Out>,
    request: In,
    timeoutMs?: number,
  ): Promise<Out> {
    return this.#coordinator.ask(this.#membership, call, request, ({ errorCode }) => errorCode, timeoutMs);
  }

  /** Offset commits and fetches. `codeOf` finds the error in an answer. */
  offsets<In, Out>(call: Call<In, Out>, request: In, codeOf: (answer: Out) => number): Promise<Out> {
    return this.#coordinator.ask(this.#offsets, call, request, codeOf);
  }

  close(): void {
    this.#cluster.closeSockets(this.#membership);
    this.#cluster.closeSockets(this.#offsets);
  }
}
