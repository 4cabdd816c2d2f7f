import {
  apiVersionsApi,
  decodeRequest,
  decodeRequestHeader,
  encodeResponse,
  ErrorCode,
  ProtocolError,
  type RequestHeader,
} from '@playhead/kafka-protocol';
import { setTimeout as delay } from 'node:timers/promises';
import { advertisedApis } from '../apis/api-versions.ts';
import type { BrokerControl, Interception, Interceptor } from './control.ts';
import { NO_RESPONSE, type AnyApiHandler, type RequestContext } from './handler.ts';

/** What a request comes to: bytes to send, nothing to send, or the end of the connection. */
export type Reply = readonly Buffer[] | 'nothing' | 'close';

/** The part of a request's context that belongs to its connection. */
export type ConnectionContext = Omit<RequestContext, 'clientId' | 'apiVersion'>;

/** Finds a request's handler, decodes, asks, encodes. Answers at once where the handler does. */
export class Dispatcher {
  readonly #handlers: ReadonlyMap<number, AnyApiHandler>;
  readonly #control: BrokerControl;

  constructor(handlers: readonly AnyApiHandler[], control: BrokerControl) {
    this.#handlers = new Map(handlers.map((handler) => [handler.api.key, handler]));
    this.#control = control;
  }

  /** Throws {@link ProtocolError} for a frame that is no request or one that is not served, which costs the client its connection. */
  handle(frame: Buffer, connection: ConnectionContext): Reply | Promise<Reply> {
    const header = decodeRequestHeader(frame);
    const handler = this.#handlers.get(header.apiKey);
    const [min, max] = handler?.versions ?? [0, -1];
    if (handler === undefined || header.apiVersion < min || header.apiVersion > max) return this.#unsupported(header);
    const request = decodeRequest(handler.api, header, frame);
    const context: RequestContext = { ...connection, clientId: header.clientId, apiVersion: header.apiVersion };
    const interceptors = this.#control.seen(header.apiKey);
    if (interceptors !== null) return intercepted(interceptors, handler, header, request, context);
    return answer(handler, header, request, context);
  }

  /** Only ApiVersions is answered in a version that is not known: clients begin with it to find out which are (KIP-511). */
  #unsupported(header: RequestHeader): Reply {
    if (header.apiKey !== apiVersionsApi.key) {
      throw new ProtocolError(`API ${header.apiKey} version ${header.apiVersion} is not served`, 'UNSUPPORTED_VERSION');
    }
    const apiKeys = advertisedApis([...this.#handlers.values()]);
    return encodeResponse(apiVersionsApi, 0, header.correlationId, {
      errorCode: ErrorCode.UNSUPPORTED_VERSION,
      apiKeys,
    });
  }
}

function answer(
  handler: AnyApiHandler,
  header: RequestHeader,
  request: never,
  context: RequestContext,
): Reply | Promise<Reply> {
  const response = handler.handle(request, context);
  return response instanceof Promise
    ? response.then((later) => encoded(handler, header, later))
    : encoded(handler, header, response);
}

function encoded(handler: AnyApiHandler, { apiVersion, correlationId }: RequestHeader, response: unknown): Reply {
  return response === NO_RESPONSE ? 'nothing' : encodeResponse(handler.api, apiVersion, correlationId, response);
}

async function intercepted(
  interceptors: ReadonlySet<Interceptor>,
  handler: AnyApiHandler,
  header: RequestHeader,
  request: never,
  context: RequestContext,
): Promise<Reply> {
  let interception: Interception | undefined;
  for (const interceptor of interceptors) interception ??= await interceptor(request, context);
  switch (interception?.action) {
    case 'fail':
      return encoded(handler, header, handler.failed?.(request, interception.errorCode));
    case 'delay':
      await delay(interception.delayMs, null, { signal: context.signal });
      return answer(handler, header, request, context);
    case 'drop':
      if (interception.afterHandling) await handler.handle(request, context);
      return 'close';
    case undefined:
      return answer(handler, header, request, context);
  }
}
