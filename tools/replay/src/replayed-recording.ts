import type { GatewayApi, Session } from './gateway-api.ts';
import { ticketsOf } from './recording.ts';
import type { RecordedPost, Recording } from './recording.ts';

/** What a replay tells as it goes. */
export interface ReplayListener {
  posted(post: RecordedPost, ticket: string, outcome: { readonly status: number; readonly detail: string }): void;
  /** A session has begun (`true`) or seen its first final line (`false`): between the two it has to be active. */
  watch(session: Session, name: string, alive: boolean): void;
}

/** Where and how fast. */
export interface ReplayContext {
  readonly api: GatewayApi;
  readonly speed: number;
  /** Makes the accounts of a run its own. */
  readonly run: string;
  readonly listener: ReplayListener;
}

/**
 * Replays one recording on an account of its own, a device and a session for each ticket. Posts are sent at their time,
 * those of one ticket one after the other, so that they arrive in the order in which they did. Resolves to the sessions.
 */
export async function replayRecording(
  recording: Recording,
  index: number,
  context: ReplayContext,
): Promise<readonly Session[]> {
  const { api, run } = context;
  const account = `replay-${run}-${index + 1}`;
  const tickets = ticketsOf(recording);
  if (tickets.length > 1) await api.allowStreams(account, tickets.length);
  const startedAtMs = performance.now();
  return Promise.all(
    tickets.map((ticket, number) =>
      replayTicket(recording, ticket, { account, device: `player-${number + 1}` }, startedAtMs, context),
    ),
  );
}

async function replayTicket(
  recording: Recording,
  ticket: string,
  who: { readonly account: string; readonly device: string },
  startedAtMs: number,
  { api, speed, listener }: ReplayContext,
): Promise<Session> {
  const posts = recording.posts.filter((post) => post.ticket === ticket);
  await at(startedAtMs + (posts[0]?.tMs ?? 0) / speed);
  const session = await api.startSession(who, { contentId: recording.content, kind: recording.kind });
  const name = `${recording.name} ${ticket}`;
  let alive = false;
  let over = false;
  for (const post of posts) {
    await at(startedAtMs + post.tMs / speed);
    // Nothing is concluded from the moment of the final post itself: the lookup may be answered before or after it.
    if (alive && !over && post.lines.some(({ final }) => final)) {
      over = true;
      listener.watch(session, name, false);
    }
    const outcome = await api.post(post.path, post.contentType, session.ticket, post.body(Date.now()));
    listener.posted(post, session.ticket, outcome);
    if (!alive && !over) {
      alive = true;
      listener.watch(session, name, true);
    }
  }
  if (alive && !over) listener.watch(session, name, false);
  if (recording.stops.includes(ticket)) await api.stopSession(session);
  return session;
}

async function at(timeMs: number): Promise<void> {
  const delayMs = timeMs - performance.now();
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
}
