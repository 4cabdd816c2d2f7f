import type { SeededRandom } from '@playhead/chaos-streams/testing';
import { newSessionSeen } from '../history.ts';
import type { AccountSeen, Exchange, SessionSeen, Violation } from '../history.ts';
import { isAway } from './abuse.ts';
import { postEvidence, recordEvidence, terminate } from './back-end.ts';
import type { RunClock } from './clock.ts';
import type { GatewayClient } from './gateway-client.ts';

/** A name is used for so many intervals, then the next one. */
const ROUND_INTERVALS = 6;
const MIN_POSTS = 2;
const MORE_POSTS = 4;
/** Posts after a stop, of a back end that has not heard of it. */
const POSTS_AFTER_END = 3;

/** What the sessions of an account need. */
export interface NamedParts {
  readonly client: GatewayClient;
  readonly clock: RunClock;
  readonly random: SeededRandom;
  readonly account: AccountSeen;
  /** The session's name begins so. Other accounts have the same. */
  readonly name: string;
  readonly serviceToken: string;
  readonly operatorToken: string;
  readonly intervalMs: number;
  readonly leaseMs: number;
  readonly violations: Violation[];
}

/** Sessions that a back end names and keeps alive by evidence, one after the other. At the same time those of other accounts have the same names. */
export async function runNamed(parts: NamedParts): Promise<void> {
  const { clock, intervalMs, random } = parts;
  const roundMs = ROUND_INTERVALS * intervalMs;
  while (!clock.isOver) {
    await clock.gong(roundMs);
    if (clock.isOver) return;
    // A timer may be early by a moment.
    const round = Math.round(Date.now() / roundMs);
    if (random.below(4) !== 0) await clock.pause(random.next() * intervalMs);
    await runOne(parts, `${parts.name}-${round}`);
  }
}

async function runOne(parts: NamedParts, session: string): Promise<void> {
  const { clock, random, client, operatorToken, intervalMs } = parts;
  const posted: Posted = { session, posts: 0, firstSentAt: Date.now(), seen: undefined };
  const count = MIN_POSTS + random.below(MORE_POSTS);
  for (let i = 0; i < count && !clock.isOver; i++) {
    await post(parts, posted);
    await clock.pause(intervalMs * (0.5 + 0.5 * random.next()));
  }
  const { seen } = posted;
  if (seen === undefined || clock.isOver || random.below(3) === 0) return;
  const fault = await terminate(client, random.below(client.gateways), operatorToken, seen);
  if (fault !== undefined) wrong(parts, fault);
  for (let i = 0; i < POSTS_AFTER_END && !clock.isOver; i++) {
    await clock.pause(intervalMs * (0.5 + 0.5 * random.next()));
    await post(parts, posted);
  }
}

interface Posted {
  readonly session: string;
  readonly firstSentAt: number;
  posts: number;
  seen: SessionSeen | undefined;
}

/** Its first evidence that was acknowledged stands for the start: that is when a session of this name was there for certain. */
async function post(parts: NamedParts, posted: Posted): Promise<void> {
  const { client, random, account, serviceToken, leaseMs } = parts;
  const { session } = posted;
  const gateway = random.below(client.gateways);
  const evidence = { account: account.account, session, id: String(posted.posts++), ttlMs: leaseMs };
  const answer = await postEvidence(client, gateway, serviceToken, evidence);
  const { sentAt, answeredAt, status } = answer;
  if (status !== 200 && !isAway(status)) wrong(parts, `evidence of ${session} was answered ${status}`);
  const isFirst = posted.seen === undefined;
  if (isFirst && status === 200)
    posted.seen = newSession(account, posted, { sentAt, answeredAt, status: 201 }, gateway);
  if (posted.seen !== undefined) recordEvidence(posted.seen, answer);
  else account.starts.push({ sentAt, answeredAt, status, gateway, device: session });
}

function newSession(account: AccountSeen, { session, firstSentAt }: Posted, answered: Exchange, gateway: number) {
  const start = { ...answered, sentAt: firstSentAt, gateway, device: session, session, checked: true };
  const seen = newSessionSeen({ session, account: account.account, device: session, start });
  account.starts.push(start);
  account.sessions.push(seen);
  return seen;
}

function wrong({ violations, account }: NamedParts, detail: string): void {
  violations.push({ rule: 'wrong-status', account: account.account, detail });
}
