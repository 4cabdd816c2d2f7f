import { randomUUID } from 'node:crypto';
import { createServiceIdentity, loadSettings, sharedSettings } from '@playhead/service-kit/process';
import type { Environment } from '@playhead/service-kit/process';
import { ArgumentError } from './arguments.ts';
import type { TokenRequest } from './arguments.ts';

/** The interval of a session's beats that the gateway gives out too. */
const BEAT_INTERVAL_MS = 10_000;

/** The JWT, ticket or service token, signed with the development keys of the data directory, which are made when there are none. */
export async function makeToken(request: TokenRequest, env: Environment): Promise<string> {
  const settings = loadSettings(sharedSettings, env);
  const { tenant, account, profile, device, roles, maxStreams, lifeMs, ticket, service } = request;
  if (service !== undefined) {
    return createServiceIdentity(service, settings).serviceTokens.sign({
      tenant,
      ...(account === undefined ? {} : { account }),
    });
  }
  const identity = createServiceIdentity('token', settings);
  if (ticket !== undefined) {
    const { content, kind, title } = ticket;
    return identity.tickets.sign({
      tenant,
      account: account ?? '',
      profile: profile ?? '',
      device: device ?? '',
      session: randomUUID(),
      content,
      kind,
      intervalMs: BEAT_INTERVAL_MS,
      ...(title === undefined ? {} : { title }),
    });
  }
  if (identity.development === undefined) {
    throw new ArgumentError('AUTH_ISSUERS is set: tokens come from those issuers, not from the development key');
  }
  return identity.development.signToken({
    tenant,
    roles,
    ...(account === undefined ? {} : { account }),
    ...(profile === undefined ? {} : { profile }),
    ...(device === undefined ? {} : { device }),
    ...(maxStreams === undefined ? {} : { maxStreams }),
    ...(lifeMs === undefined ? {} : { lifeMs }),
  });
}
