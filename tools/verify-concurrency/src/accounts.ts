import type { GatewayClient } from './clients/gateway-client.ts';
import type { AccountSeen } from './history.ts';
import { KINDS_IN_TURN, policiesOf } from './kinds.ts';
import type { PolicyTimes } from './kinds.ts';
import { until } from './settle.ts';

/** The tenant with policies, and one that has none. */
export const TENANT = 'demo';
export const OTHER_TENANT = 'other';
const MAX_STREAMS = 3;
/** So many that a rule which only counts is the only one that could refuse. */
const AMPLE_STREAMS = 10;

/** A tenant's operator. */
export interface Operator {
  readonly client: GatewayClient;
  /** Of a tenant. */
  readonly operatorToken: (tenant: string) => string;
}

/** Puts the policies, and resolves when every guard decides by them: each gateway asks another one first. */
export async function putPolicies({ client, operatorToken }: Operator, times: PolicyTimes): Promise<void> {
  const token = operatorToken(TENANT);
  for (const body of policiesOf(times)) {
    const path = `/v1/policies/${body.policy}`;
    await until(`the policy ${body.policy}`, async () => {
      const { status, body: said } = await client.ask(0, { method: 'PUT', path, token, body });
      if (status === 400) throw new Error(`the policy was refused: ${JSON.stringify(said)}`);
      return status === 200 ? true : undefined;
    });
    for (let gateway = 0; gateway < client.gateways; gateway++) {
      await until(`the policy ${body.policy} at gateway ${gateway}`, async () => {
        const { status } = await client.ask(gateway, { method: 'GET', path, token });
        return status === 200 ? true : undefined;
      });
    }
  }
}

/** The accounts of a run, of each kind in turn. */
export function newAccounts(seed: number, count: number): readonly AccountSeen[] {
  return Array.from({ length: count }, (_, i) => {
    const kind = KINDS_IN_TURN[i % KINDS_IN_TURN.length]!;
    const maxStreams = kind === 'shadow' ? AMPLE_STREAMS : 1 + (i % MAX_STREAMS);
    return { tenant: TENANT, account: `s${seed}-a${i}`, kind, maxStreams, ...nothingSeen() };
  });
}

/** Three accounts whose sessions have the same names: two of one tenant, and one of another that has the name of the first. */
export function newNamedAccounts(seed: number): readonly AccountSeen[] {
  const of = (tenant: string, account: string, maxStreams: number): AccountSeen => {
    return { tenant, account, kind: 'named', maxStreams, ...nothingSeen() };
  };
  const [first, second] = [`s${seed}-n0`, `s${seed}-n1`];
  return [of(TENANT, first, 2), of(TENANT, second, 3), of(OTHER_TENANT, first, 1)];
}

const nothingSeen = () => ({ starts: [], sessions: [], events: [], connections: 0 });

/** Says what an account may have; its plan is its kind. */
export async function entitle({ client, operatorToken }: Operator, seen: AccountSeen): Promise<void> {
  const { tenant, account, kind, maxStreams } = seen;
  const path = `/v1/accounts/${account}/entitlement`;
  const body = { plan: kind, maxStreams };
  await until(`the entitlement of ${account}`, async () => {
    const { status } = await client.ask(0, { method: 'PUT', path, token: operatorToken(tenant), body });
    return status === 204 ? true : undefined;
  });
}
