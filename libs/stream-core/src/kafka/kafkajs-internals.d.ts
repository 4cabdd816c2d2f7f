/** The three modules of kafkajs 2.2.4 that this folder stands on, as far as it uses them. `test/kafka/kafkajs-internals.test.ts` asserts every member. */

declare module 'kafkajs/src/loggers/index.js' {
  interface InternalLogger {
    namespace(namespace: string, level?: number | null): InternalLogger;
  }
  interface LogEntry {
    namespace: string;
    level: number;
    label: string;
    log: { message: string; timestamp: string } & Record<string, unknown>;
  }
  const loggers: {
    LEVELS: { NOTHING: 0; ERROR: 1; WARN: 2; INFO: 4; DEBUG: 5 };
    createLogger(options: { level: number; logCreator: (level: number) => (entry: LogEntry) => void }): InternalLogger;
  };
  export default loggers;
  export type { InternalLogger, LogEntry };
}

declare module 'kafkajs/src/network/socketFactory.js' {
  import type { Socket } from 'node:net';
  import type { ConnectionOptions } from 'node:tls';

  interface SocketFactoryArguments {
    host: string;
    port: number;
    ssl: ConnectionOptions | null;
    onConnect: () => void;
  }
  export type SocketFactory = (options: SocketFactoryArguments) => Socket;
  export default function createSocketFactory(): SocketFactory;
}

declare module 'kafkajs/src/network/connection.js' {
  import type { Socket } from 'node:net';
  import type { ConnectionOptions } from 'node:tls';
  import type { InternalLogger } from 'kafkajs/src/loggers/index.js';
  import type { SocketFactory } from 'kafkajs/src/network/socketFactory.js';

  interface RequestEntry {
    apiKey: number;
    apiName: string;
    apiVersion: number;
    correlationId: number;
    resolve(result: { payload: Buffer; size: number }): void;
    reject(error: Error): void;
  }

  interface RequestQueue {
    push(request: {
      entry: RequestEntry;
      expectResponse: boolean;
      requestTimeout: number | null;
      sendRequest: () => void;
    }): void;
    rejectAll(error: Error): void;
    destroy(): void;
    maybeThrottle(throttleTimeMs: number | null): void;
    checkPendingRequests(): void;
    scheduleCheckPendingRequests: () => void;
    throttleCheckTimeoutId: NodeJS.Timeout | null;
    throttledUntil: number;
    readonly inflight: Map<number, unknown>;
    readonly pending: unknown[];
  }

  interface ConnectionArguments {
    host: string;
    port: number;
    ssl: ConnectionOptions | null;
    sasl: { mechanism: string; username: string; password: string } | null;
    clientId: string;
    logger: InternalLogger;
    socketFactory: SocketFactory;
    connectionTimeout: number;
    requestTimeout: number;
  }

  export default class Connection {
    constructor(options: ConnectionArguments);
    readonly requestQueue: RequestQueue;
    readonly socket: Socket | undefined;
    connect(): Promise<boolean>;
    isConnected(): boolean;
    isAuthenticated(): boolean;
    authenticate(): Promise<void>;
    setVersions(versions: Record<number, { minVersion: number; maxVersion: number }>): void;
    setSupportAuthenticationProtocol(supported: boolean): void;
    nextCorrelationId(): number;
  }
  export type { RequestEntry, RequestQueue };
}
