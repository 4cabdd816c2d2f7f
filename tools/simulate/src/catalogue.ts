import type { Random } from './random.ts';

/** What a simulated viewer may watch. */
export interface Title {
  readonly contentId: string;
  readonly kind: 'LIVE' | 'VOD' | 'CATCHUP';
  readonly title: string;
  /** −1 for LIVE. */
  readonly durationMs: number;
}

const MINUTE_MS = 60_000;
const CHANNELS = ['News', 'Sport', 'Cinema', 'Kids', 'Nature', 'Music'];
const FILMS = [
  'The Lighthouse Keeper',
  'Night Train',
  'Two Rivers',
  'Salt',
  'A Winter Garden',
  'The Cartographer',
  'Long Way Down',
  'Paper Boats',
];
const EPISODES = 12;
const PAST_PROGRAMMES = 8;

/** A small demo catalogue: channels, films, a series, and programmes of the day before. */
export const TITLES: readonly Title[] = [
  ...CHANNELS.map((name, i): Title => ({ contentId: `channel-${i + 1}`, kind: 'LIVE', title: name, durationMs: -1 })),
  ...FILMS.map((title, i): Title => ({
    contentId: `film-${i + 1}`,
    kind: 'VOD',
    title,
    durationMs: (80 + 7 * i) * MINUTE_MS,
  })),
  ...Array.from({ length: EPISODES }, (_, i): Title => {
    return {
      contentId: `series-1-${i + 1}`,
      kind: 'VOD',
      title: `Harbour Street, episode ${i + 1}`,
      durationMs: 24 * MINUTE_MS,
    };
  }),
  ...Array.from({ length: PAST_PROGRAMMES }, (_, i): Title => {
    return {
      contentId: `catchup-${i + 1}`,
      kind: 'CATCHUP',
      title: `Yesterday on ${CHANNELS[i % CHANNELS.length]}`,
      durationMs: 45 * MINUTE_MS,
    };
  }),
];

/** Picks a title; the first ones of the list are watched most (a Zipf-like fall, as catalogues have it). */
export function pickTitle(random: Random, titles: readonly Title[] = TITLES): Title {
  const title = titles[Math.floor((titles.length + 1) ** random.next()) - 1];
  if (title === undefined) throw new RangeError('an empty catalogue');
  return title;
}
