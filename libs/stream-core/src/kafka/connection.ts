// kafkajs's Connection dials, frames, does TLS and SASL, and matches answers to requests. Everything else is here:
//
//   dialling ──connected──▶ negotiating ──ApiVersions──▶ authenticating ──SASL──▶ open ──▶ closed
//      └──────────┴── socket error, end, close, a request that timed out, close() ──────────▲
//
// A connection is never reused after a failure: an answer that was not waited for could still come, and the order of
// what was written would be unknown. Whoever needs one again makes a new one.
import Connection from 'kafkajs/src/network/connection.js';
import createSocketFactory from 'kafkajs/src/network/socketFactory.js';
import type { SocketFactory } from 'kafkajs/src/network/socketFactory.js';
import type { Socket } from 'node:net';
import { ErrorCode, decodeResponse, encodeRequest } from '@playhead/kafka-protocol';
import type { apiVersionsApi, ResponseOf } from '@playhead/kafka-protocol';
import { addressName } from './broker-address.ts';
import type { BrokerAddress } from './broker-address.ts';
import { calls } from './calls.ts';
import type { Call } from './calls.ts';
import { BrokerError, socketError, transportError } from './errors.ts';
import { kafkajsLogger } from './kafkajs-logger.ts';
import type { KafkaClientOptions } from './types.ts';

/** What of a client's options a connection needs. */
export type BrokerConnectionOptions = Pick<
  KafkaClientOptions,
  'clientId' | 'ssl' | 'sasl' | 'connectionTimeoutMs' | 'requestTimeoutMs' | 'logger'
>;

const DEFAULT_CONNECTION_TIMEOUT_MS = 10_000;
/** For a request whose sender names no longer one. */
export const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;

interface VersionRange {
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** One socket to one broker, from dialling to the first failure. */
export class BrokerConnection {
  readonly address: BrokerAddress;
  readonly #inner: Connection;
  readonly #clientId: string;
  readonly #authenticates: boolean;
  readonly #connectionTimeoutMs: number;
  readonly #requestTimeoutMs: number;
  readonly #died: Promise<never>;
  #die!: (error: BrokerError) => void;
  #socket: Socket | undefined;
  #closeError: BrokerError | undefined;
  #opening: Promise<void> | undefined;
  #isDialled = false;
  #isOpen = false;
  readonly #brokerVersions = new Map<number, VersionRange>();
  /** Requests that wait for a re-authentication, in order. Bounded by what the callers keep in flight. */
  #held: (() => void)[] | undefined;

  constructor(address: BrokerAddress, options: BrokerConnectionOptions) {
    this.address = address;
    this.#clientId = options.clientId;
    this.#authenticates = options.sasl !== undefined;
    this.#connectionTimeoutMs = options.connectionTimeoutMs ?? DEFAULT_CONNECTION_TIMEOUT_MS;
    this.#requestTimeoutMs = options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS;
    this.#died = new Promise<never>((_, reject) => (this.#die = reject));
    this.#died.catch(() => undefined);
    this.#inner = new Connection({
      host: address.host,
      port: address.port,
      ssl: options.ssl === true ? {} : options.ssl === false ? null : (options.ssl ?? null),
      // kafkajs writes an authenticator that remembers the password into the object it is given: a copy each time.
      sasl: options.sasl === undefined ? null : { ...options.sasl },
      clientId: options.clientId,
      logger: kafkajsLogger(options.logger),
      socketFactory: this.#socketFactory(),
      connectionTimeout: this.#connectionTimeoutMs,
      requestTimeout: this.#requestTimeoutMs,
    });
    stopIdleTimer(this.#inner);
  }

  /** Why the connection is of no use any more; undefined while it is (or may become) one. */
  get closeError(): BrokerError | undefined {
    return this.#closeError;
  }

  get isOpen(): boolean {
    return this.#isOpen && this.#closeError === undefined;
  }

  /** Dials, negotiates and authenticates once, however often it is called. Rejects with `BrokerError`. */
  open(): Promise<void> {
    return (this.#opening ??= this.#open());
  }

  /**
   * Writes a request before it returns (unless the broker throttles or SASL is being renewed; order is kept then too),
   * so that requests lie on the wire in the order of the calls. `bytes` of records go out without a copy and must stay
   * unchanged until the answer. Rejects with `BrokerError`; error codes inside the answer are the caller's.
   */
  send<In, Out>(call: Call<In, Out>, request: In, timeoutMs: number | null = null): Promise<Out> {
    return new Promise<Out>((resolve, reject) => {
      const push = (): void => {
        try {
          this.#push(call, request, timeoutMs, resolve, reject);
        } catch (error) {
          reject(transportError(error, this.address));
        }
      };
      if (this.#held !== undefined) this.#held.push(push);
      else if (this.#authenticates && this.#closeError === undefined && !this.#inner.isAuthenticated())
        this.#renew(push);
      else push();
    });
  }

  /** The version this connection uses for `call`. Throws a fatal `BrokerError` when broker and client have none in common. */
  versionOf(call: Call<never, unknown>): number {
    const { api, min, max } = call;
    const range = this.#brokerVersions.get(api.key);
    const version = Math.min(max, range?.maxVersion ?? -1);
    if (range !== undefined && version >= Math.max(min, range.minVersion)) return version;
    const offered = range === undefined ? 'does not offer it' : `offers ${range.minVersion} to ${range.maxVersion}`;
    throw new BrokerError(
      `${api.name}: this client needs a version from ${min} to ${max}, broker ${addressName(this.address)} ${offered}`,
      { reason: 'UNSUPPORTED_VERSION', recovery: 'fatal', brokerCode: ErrorCode.UNSUPPORTED_VERSION },
    );
  }

  /** Destroys the socket and rejects whatever waits for an answer. */
  close(reason?: BrokerError): void {
    if (this.#closeError !== undefined) return;
    const error = reason ?? transportError({ name: 'ClosedHere' }, this.address);
    this.#closeError = error;
    this.#die(error);
    const held = this.#held;
    this.#held = undefined;
    const queue = this.#inner.requestQueue;
    queue.rejectAll(error);
    queue.destroy();
    for (const push of held ?? []) push();
    // While kafkajs dials it only stops its timer for an error.
    if (this.#isDialled) this.#socket?.destroy();
    else this.#socket?.destroy(error);
  }

  async #open(): Promise<void> {
    // kafkajs counts until the socket is connected: a broker that is frozen, or starts, accepts and says nothing.
    const timer = setTimeout(() => {
      this.close(transportError({ name: 'KafkaJSConnectionError', message: 'no answer in time' }, this.address));
    }, this.#connectionTimeoutMs);
    try {
      // kafkajs's promise stays open for ever when the peer ends before a TLS handshake is through.
      await Promise.race([this.#inner.connect(), this.#died]);
      this.#isDialled = true;
      await this.#negotiate();
      if (this.#authenticates) await this.#authenticate();
      if (this.#closeError !== undefined) throw this.#closeError;
      this.#isOpen = true;
    } catch (error) {
      const failure = this.#closeError ?? transportError(error, this.address);
      this.close(failure);
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  }

  async #negotiate(): Promise<void> {
    const { api, max } = calls.apiVersions;
    this.#brokerVersions.set(api.key, { minVersion: 0, maxVersion: max });
    const answer = await new Promise<ResponseOf<typeof apiVersionsApi>>((resolve, reject) => {
      this.#push(calls.apiVersions, {}, null, resolve, reject);
    });
    const versions: Record<number, VersionRange> = {};
    for (const { apiKey, minVersion, maxVersion } of answer.apiKeys) {
      versions[apiKey] = { minVersion, maxVersion };
      this.#brokerVersions.set(apiKey, { minVersion, maxVersion });
    }
    this.#inner.setVersions(versions);
    this.#inner.setSupportAuthenticationProtocol(36 in versions);
  }

  /** The session of SASL ends soon: requests queue up behind a new handshake. */
  #renew(first: () => void): void {
    const held = (this.#held = [first]);
    const goOn = (): void => {
      if (this.#held !== held) return;
      this.#held = undefined;
      for (const push of held) push();
    };
    this.#authenticate().then(goOn, (error: unknown) => this.close(transportError(error, this.address)));
  }

  /** kafkajs calls every failure of a handshake a wrong password; one that takes as long as a timeout was none. */
  async #authenticate(): Promise<void> {
    const startedMs = performance.now();
    try {
      await this.#inner.authenticate();
    } catch (error) {
      const isTimeout = performance.now() - startedMs >= this.#requestTimeoutMs;
      throw isTimeout ? transportError({ name: 'KafkaJSRequestTimeoutError' }, this.address) : error;
    }
  }

  #push<In, Out>(
    call: Call<In, Out>,
    request: In,
    timeoutMs: number | null,
    resolve: (answer: Out) => void,
    reject: (error: BrokerError) => void,
  ): void {
    if (this.#closeError !== undefined) throw this.#closeError;
    const socket = this.#socket;
    if (socket === undefined) throw new Error(`send before open to ${addressName(this.address)}`);
    const { api } = call;
    const version = this.versionOf(call);
    const correlationId = this.#inner.nextCorrelationId();
    const chunks = this.#encode(call, version, correlationId, request);
    const queue = this.#inner.requestQueue;
    queue.push({
      entry: {
        apiKey: api.key,
        apiName: api.name,
        apiVersion: version,
        correlationId,
        resolve: ({ payload }) => {
          let answer: Out;
          try {
            answer = decodeResponse(api, version, payload);
          } catch (error) {
            const failure = transportError(error, this.address);
            reject(failure);
            this.close(failure);
            return;
          }
          queue.maybeThrottle((answer as { throttleTimeMs?: number }).throttleTimeMs ?? 0);
          resolve(answer);
        },
        reject: (error) => {
          const failure = transportError(error, this.address);
          reject(failure);
          // kafkajs would leave the socket open and take the next request: its answer order would be unknown.
          if (failure.reason === 'REQUEST_TIMED_OUT') this.close(failure);
        },
      },
      expectResponse: true,
      requestTimeout: timeoutMs,
      sendRequest: () => {
        socket.cork();
        for (const chunk of chunks) socket.write(chunk);
        socket.uncork();
      },
    });
  }

  /** Throws a fatal `BrokerError` for what has no form on the wire: the request is ours, and the connection stays good. */
  #encode<In>({ api }: Call<In, unknown>, version: number, correlationId: number, request: In): readonly Uint8Array[] {
    try {
      return encodeRequest(api, version, { correlationId, clientId: this.#clientId }, request);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const message = `${api.name} version ${version} for broker ${addressName(this.address)} cannot be written: ${why}`;
      throw new BrokerError(message, { reason: 'UNWRITABLE_REQUEST', recovery: 'fatal', cause });
    }
  }

  /** kafkajs's factory, with Nagle's algorithm off and our listeners in front of kafkajs's: a dead socket is closed here before anything is retried. */
  #socketFactory(): SocketFactory {
    const create = createSocketFactory();
    return (options) => {
      const socket = create(options);
      this.#socket = socket;
      socket.setNoDelay(true);
      socket.once('error', (error) => this.close(socketError(error, socket, this.address)));
      socket.once('end', () => this.close(transportError({ name: 'SocketEnded' }, this.address)));
      socket.once('close', () => this.close(transportError({ name: 'SocketEnded' }, this.address)));
      return socket;
    };
  }
}

/** kafkajs re-arms a timer every millisecond while nothing is throttled; this one exists only while requests wait for a throttle to end. */
function stopIdleTimer(connection: Connection): void {
  const queue = connection.requestQueue;
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length === 0 || queue.throttleCheckTimeoutId !== null) return;
    queue.throttleCheckTimeoutId = setTimeout(
      () => {
        queue.throttleCheckTimeoutId = null;
        queue.checkPendingRequests();
      },
      Math.max(1, queue.throttledUntil - Date.now()),
    );
  };
}
