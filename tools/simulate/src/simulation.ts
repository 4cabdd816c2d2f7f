import { createServiceIdentity, loadSettings, sharedSettings } from '@playhead/service-kit/process';
import type { DevelopmentIssuer, Environment, ProcessPart } from '@playhead/service-kit/process';
import { DrivenViewer } from './driven-viewer.ts';
import { GatewayApi } from './gateway-api.ts';
import { createPopulation } from './population.ts';
import type { AccountPlan, ViewerSeat } from './population.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import type { SimulationOptions } from './simulation-options.ts';
import { Tallies } from './tallies.ts';
import { Viewer } from './viewer.ts';

/** A simulation that runs. */
export interface Simulation extends ProcessPart {
  readonly tallies: Tallies;
}

/** Connections to the gateway, however many viewers there are. */
const MAX_SOCKETS = 64;
const TIMEOUT_MS = 10_000;
/** Viewers say goodbye for so long when the simulation ends; those who did not get through are like crashed ones. */
const GOODBYE_MS = 600;
const TOKEN_USED_MS = 3_600_000;
/** So many entitlements are under way at a time. */
const PLANS_AT_ONCE = 8;

/** Gives the accounts their plans, then starts the viewers, spread over `options.arrivalMs`. Nobody has to wait for that. */
export function startSimulation(options: SimulationOptions, env: Environment): Simulation {
  const issuer = developmentIssuer(env);
  const api = new GatewayApi(options.gateway, { maxSockets: MAX_SOCKETS, timeoutMs: TIMEOUT_MS });
  const random = createRandom(options.seed);
  const population = createPopulation(options.viewers, random);
  const tallies = new Tallies();
  const driven: DrivenViewer[] = [];
  const ended = Promise.withResolvers<Error | undefined>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const begin = async (): Promise<void> => {
    await setPlans(population.plans, api, issuer, options.tenant, () => closed);
    if (closed) return;
    for (const [index, seat] of population.seats.entries()) {
      driven.push(driveViewer(seat, index, random));
    }
    if (options.durationMs !== undefined) timer = setTimeout(() => ended.resolve(undefined), options.durationMs);
  };
  const driveViewer = (seat: ViewerSeat, index: number, among: Random): DrivenViewer => {
    const own = createRandom(`${options.seed}/${index}`);
    const viewer = new Viewer(own, Date.now() + among.next() * options.arrivalMs);
    const token = renewed(() => issuer.signToken({ tenant: options.tenant, ...seat, roles: ['viewer'] }));
    return new DrivenViewer(viewer, { api, tallies, token, random: own.next });
  };
  begin().catch((error: Error) => ended.resolve(error));
  return {
    tallies,
    ready: Promise.resolve(),
    ended: ended.promise,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await within(GOODBYE_MS, Promise.allSettled(driven.map((viewer) => viewer.close())));
      api.close();
    },
  };
}

function developmentIssuer(env: Environment): DevelopmentIssuer {
  const { development } = createServiceIdentity('simulate', loadSettings(sharedSettings, env));
  if (development === undefined)
    throw new Error('AUTH_ISSUERS is set: simulated viewers have tokens of the development key only');
  return development;
}

/** Signs in once, and again when the token has lived for an hour. */
function renewed(sign: () => Promise<string>): () => Promise<string> {
  let token: Promise<string> | undefined;
  let renewAtMs = 0;
  return () => {
    if (token === undefined || Date.now() >= renewAtMs) {
      token = sign();
      renewAtMs = Date.now() + TOKEN_USED_MS;
    }
    return token;
  };
}

/** An operator gives the accounts their plans; waits for a gateway that is not there yet. */
async function setPlans(
  plans: readonly AccountPlan[],
  api: GatewayApi,
  issuer: DevelopmentIssuer,
  tenant: string,
  isClosed: () => boolean,
): Promise<void> {
  const token = await issuer.signToken({ tenant, roles: ['operator'] });
  const left = [...plans];
  const work = async (): Promise<void> => {
    for (let plan = left.shift(); plan !== undefined && !isClosed(); plan = left.shift()) {
      const { account, ...entitlement } = plan;
      const answer = await api.putEntitlement(token, account, entitlement);
      if (answer.outcome === 'refused')
        throw new Error(`the entitlement of ${account} was refused: ${answer.status} ${answer.detail}`);
      if (answer.outcome === 'busy') {
        left.push(plan);
        await new Promise((resolve) => setTimeout(resolve, answer.retryAfterMs));
      }
    }
  };
  await Promise.all(Array.from({ length: PLANS_AT_ONCE }, work));
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
