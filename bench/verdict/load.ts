import { Players } from './players.ts';
import type { Counts, PlayersOptions, Session } from './players.ts';

/**
 * The load, in a process of its own: every session begins with its first beat, spread over the warm-up, then `rate` beats
 * a second until it is told to end. Its settings are one argument of JSON.
 */
export interface LoadSettings extends PlayersOptions {
  /** Beats a second, all sessions together. */
  readonly rate: number;
  readonly warmUpSeconds: number;
}

/** `count`: what is posted from now on is counted; `end`: no more beats, and the counts. */
export type ToLoad = 'count' | 'end';
/** `ready`: every session has begun. */
export type FromLoad = { readonly type: 'ready' } | { readonly type: 'counts'; readonly counts: Counts };

// The bench has gone while this was loaded.
if (!process.connected) process.exit();
const tell = (message: FromLoad): void => void process.send?.(message);
const settings = JSON.parse(process.argv[2]!) as LoadSettings;
const { rate, sessions, warmUpSeconds } = settings;
const players = new Players(settings);
const ended = new AbortController();
const beat = async (session: Session): Promise<unknown> => players.beat(session);
process.on('message', (message: ToLoad) => {
  if (message === 'count') players.resetCounts();
  else ended.abort();
});
process.on('disconnect', () => process.exit());

await players.run(sessions / warmUpSeconds, { total: sessions }, beat);
tell({ type: 'ready' });
await players.run(rate, { ended: ended.signal }, beat);
players.close();
tell({ type: 'counts', counts: players.counts });
