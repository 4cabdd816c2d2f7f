import { createServiceIdentity, KeepAliveClient, loadSettings, sharedSettings } from '@playhead/service-kit/process';
import type { ClientRequest, ClientResponse, DevelopmentIssuer, Environment } from '@playhead/service-kit/process';

/** A session that was allowed. */
export interface Session {
  readonly sessionId: string;
  readonly ticket: string;
}

/** The part of a session's lookup that is used. */
export interface SessionState {
  readonly state: string;
  readonly endReason?: string;
  readonly beats: number;
  readonly events: number;
}

/** The gateway did not do what a replay needs before or after the posts. */
export class GatewayError extends Error {
  readonly code = 'GATEWAY';
}

const MAX_SOCKETS = 256;
const TIMEOUT_MS = 30_000;
const PATIENCE_MS = 15_000;
const PAUSE_MS = 500;

/** The gateway as an operator, a front end and a player use it; tokens are of the development key. */
export class GatewayApi {
  readonly #client: KeepAliveClient;
  readonly #issuer: DevelopmentIssuer;
  readonly #tenant: string;

  constructor(gateway: string, tenant: string, env: Environment) {
    const { development } = createServiceIdentity('replay', loadSettings(sharedSettings, env));
    if (development === undefined)
      throw new GatewayError('AUTH_ISSUERS is set: a replay has tokens of the development key only');
    this.#issuer = development;
    this.#tenant = tenant;
    this.#client = new KeepAliveClient(gateway, { maxSockets: MAX_SOCKETS, timeoutMs: TIMEOUT_MS });
  }

  /** Allows an account as many streams as its recording has. */
  async allowStreams(account: string, maxStreams: number): Promise<void> {
    const token = await this.#issuer.signToken({ tenant: this.#tenant, roles: ['operator'] });
    const path = `/v1/accounts/${encodeURIComponent(account)}/entitlement`;
    await this.#ask('PUT', path, { authorization: `Bearer ${token}` }, { plan: 'replay', maxStreams });
  }

  async startSession(
    who: { account: string; device: string },
    what: { contentId: string; kind: string },
  ): Promise<Session> {
    const token = await this.#issuer.signToken({ tenant: this.#tenant, ...who, profile: 'p-1', roles: ['viewer'] });
    return (await this.#ask('POST', '/v1/playback-sessions', { authorization: `Bearer ${token}` }, what)) as Session;
  }

  async stopSession({ sessionId, ticket }: Session): Promise<void> {
    await this.#ask('DELETE', `/v1/playback-sessions/${sessionId}`, { 'playback-ticket': ticket });
  }

  async lookUp({ sessionId, ticket }: Session): Promise<SessionState> {
    return (await this.#ask('GET', `/v1/playback-sessions/${sessionId}`, {
      'playback-ticket': ticket,
    })) as SessionState;
  }

  /** Sends a recorded post. Resolves to the status, and to what was answered or went wrong. */
  async post(
    path: string,
    contentType: string,
    ticket: string,
    body: string,
  ): Promise<{ status: number; detail: string }> {
    const url = `${path}${path.includes('?') ? '&' : '?'}ticket=${ticket}`;
    try {
      const { status, body: detail } = await this.#client.send({
        method: 'POST',
        path: url,
        headers: { 'content-type': contentType },
        body,
      });
      return { status, detail };
    } catch (error) {
      return { status: 0, detail: error instanceof Error ? error.message : String(error) };
    }
  }

  close(): void {
    this.#client.close();
  }

  async #ask(method: string, path: string, headers: Readonly<Record<string, string>>, body?: object): Promise<unknown> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const contentType = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await this.#patiently({ method, path, headers: { ...headers, ...contentType }, ...sent });
    if (response.status >= 300) throw new GatewayError(`${method} ${path}: ${response.status} ${response.body}`);
    return response.body === '' ? undefined : JSON.parse(response.body);
  }
  /** Asks again while the answer is 503: what a recording needs around it is no part of what is measured. */
  async #patiently(request: ClientRequest): Promise<ClientResponse> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      let response;
      try {
        response = await this.#client.send(request);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const message = `${request.method} ${request.path}: no answer (${reason}); does Playhead run?`;
        throw new GatewayError(message, { cause: error });
      }
      if (response.status !== 503 || performance.now() > deadline) return response;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
