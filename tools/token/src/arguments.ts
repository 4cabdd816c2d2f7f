import { parseArgs } from 'node:util';
import { idProblem, isTenant, ROLES } from '@playhead/service-kit/process';
import type { ContentKind, Role } from '@playhead/service-kit/process';

/** What is to be printed: a JWT, with `ticket` a ticket, with `service` a service token. */
export interface TokenRequest {
  readonly tenant: string;
  readonly account: string | undefined;
  readonly profile: string | undefined;
  readonly device: string | undefined;
  readonly roles: readonly Role[];
  readonly maxStreams: number | undefined;
  readonly lifeMs: number | undefined;
  readonly service: string | undefined;
  readonly ticket:
    | { readonly content: string; readonly kind: ContentKind; readonly title: string | undefined }
    | undefined;
}

/** Arguments that cannot be used; the message says which and what is allowed. */
export class ArgumentError extends Error {
  readonly code = 'ARGUMENTS';
}

/** What is printed with `--help` and after a bad argument. */
export const USAGE = `npm run -s token -- --tenant T [--account A] [--profile P] [--device D] --role R[,R] [--max-streams N] [--hours N]
npm run -s token -- --tenant T --account A --profile P --device D --ticket --content C --kind LIVE|VOD|CATCHUP [--title T]
npm run -s token -- --service NAME [--tenant T] [--account A]     for /internal/v1 of a service's admin port, good for 60 s
Roles: ${ROLES.join(', ')}.`;

const KINDS: readonly ContentKind[] = ['LIVE', 'VOD', 'CATCHUP'];
const HOUR_MS = 3_600_000;
const MAX_HOURS = 24 * 365;

/** Reads the command line. Throws `ArgumentError`. */
export function readArguments(args: readonly string[]): TokenRequest {
  const values = parse(args);
  const { tenant = 'demo' } = values;
  if (!isTenant(tenant)) throw new ArgumentError(`--tenant ${tenant}: allowed is [a-z0-9-]{1,32}`);
  for (const name of ['account', 'profile', 'device', 'content'] as const) {
    const problem = values[name] === undefined ? undefined : idProblem(values[name]);
    if (problem !== undefined) throw new ArgumentError(`--${name} ${values[name]} ${problem}`);
  }
  const { account, profile, device } = values;
  const { service } = values;
  if (service !== undefined && !isTenant(service))
    throw new ArgumentError(`--service ${service}: allowed is [a-z0-9-]{1,32}`);
  const roles = readRoles(values.role);
  const maxStreams = readMaxStreams(values['max-streams']);
  const request = { tenant, account, profile, device, roles, maxStreams, lifeMs: readLife(values.hours), service };
  if (roles.includes('viewer') && account === undefined && service === undefined && values.ticket !== true) {
    throw new ArgumentError(
      '--account is missing: a viewer has one (to start streams, --profile and --device too); or say --role operator or service',
    );
  }
  return { ...request, ticket: values.ticket === true ? readTicket(values) : undefined };
}

type Values = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        tenant: { type: 'string' },
        account: { type: 'string' },
        profile: { type: 'string' },
        device: { type: 'string' },
        role: { type: 'string' },
        service: { type: 'string' },
        'max-streams': { type: 'string' },
        hours: { type: 'string' },
        ticket: { type: 'boolean' },
        content: { type: 'string' },
        kind: { type: 'string' },
        title: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function readRoles(text = 'viewer'): readonly Role[] {
  return text.split(',').map((given) => {
    const role = ROLES.find((candidate) => candidate === given.trim());
    if (role === undefined) throw new ArgumentError(`--role ${given}: allowed are ${ROLES.join(', ')}`);
    return role;
  });
}

function readLife(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const hours = Number(text);
  if (!(hours > 0 && hours <= MAX_HOURS))
    throw new ArgumentError(`--hours ${text}: allowed is more than 0, at most ${MAX_HOURS}`);
  return hours * HOUR_MS;
}

function readMaxStreams(text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,4}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new ArgumentError(`--max-streams ${text}: allowed is 0 to 9999`);
}

function readTicket(values: Values): NonNullable<TokenRequest['ticket']> {
  const missing = (['account', 'profile', 'device', 'content', 'kind'] as const).filter(
    (name) => values[name] === undefined,
  );
  if (missing.length > 0)
    throw new ArgumentError(`--ticket needs ${missing.map((name) => `--${name}`).join(', ')} too`);
  const kind = KINDS.find((candidate) => candidate === values.kind);
  if (kind === undefined) throw new ArgumentError(`--kind ${values.kind}: allowed are ${KINDS.join(', ')}`);
  return { content: values.content ?? '', kind, title: values.title };
}
