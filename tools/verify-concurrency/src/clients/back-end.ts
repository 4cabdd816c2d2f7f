import type { SessionSeen } from '../history.ts';
import { isAway } from './abuse.ts';
import type { Answer, GatewayClient } from './gateway-client.ts';

/** What was seen of a stream by a back end. */
export interface Evidence {
  readonly account: string;
  readonly session: string;
  /** Tells it from other evidence of the session. */
  readonly id: string;
  /** How long it speaks for the stream, milliseconds. */
  readonly ttlMs: number;
}

/** Posts evidence once. */
export async function postEvidence(
  client: GatewayClient,
  gateway: number,
  token: string,
  evidence: Evidence,
): Promise<Answer> {
  const body = { ...evidence, kind: 'licence-renewal' };
  return client.ask(gateway, { method: 'POST', path: '/v1/evidence', token, body });
}

/** Notes what was answered to evidence. */
export function recordEvidence(seen: SessionSeen, { sentAt, answeredAt, status, body }: Answer): boolean {
  const { verdict, reason } = body as { verdict?: string; reason?: string };
  seen.evidence.push({ sentAt, answeredAt, status, verdict, reason });
  return verdict === 'stop';
}

/** Asks whether media may be served to the stream, and notes the answer. */
export async function askAuthorization(
  client: GatewayClient,
  gateway: number,
  seen: SessionSeen,
  ticket: string,
): Promise<number> {
  const { sentAt, answeredAt, status } = await client.ask(gateway, {
    method: 'GET',
    path: '/v1/authorization',
    ticket,
  });
  seen.authorizations.push({ sentAt, answeredAt, status });
  return status;
}

/** Ends a session from elsewhere, and notes the answer; returns what is wrong with it. */
export async function terminate(
  client: GatewayClient,
  gateway: number,
  token: string,
  seen: SessionSeen,
): Promise<string | undefined> {
  const path = `/v1/playback-sessions/${seen.session}?account=${seen.account}`;
  const { sentAt, answeredAt, status } = await client.ask(gateway, { method: 'DELETE', path, token });
  seen.terminations.push({ sentAt, answeredAt, status, gateway });
  // Whether the session could be unknown there is seen in the log.
  if ([204, 404].includes(status) || isAway(status)) return undefined;
  return `termination of ${seen.session} was answered ${status}`;
}
