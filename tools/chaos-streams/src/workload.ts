/** What the application under test is asked to do, in numbers and names that it and the oracle share. Nothing of stream-core is imported here. */

/** Of every input and output. */
export const PARTITIONS = 4;

/** Beats by country: repartitioned, so that what arrives has no order between partitions; no window closes while the load runs. */
export const COUNTRY_WINDOW = { sizeMs: 10_000, graceMs: 6 * 3_600_000 } as const;
/** Beats by viewer, sent once, when the window closes. */
export const VIEWER_WINDOW = { sizeMs: 5_000, graceMs: 120_000 } as const;
/** Beats by viewer, every change sent. */
export const SESSION = { inactivityGapMs: 2_000, graceMs: 120_000 } as const;
/** A beat and a stop of one viewer. */
export const PAIR = { withinMs: 1_000, graceMs: 120_000 } as const;

/** Which topic is what, of one run. */
export interface WorkloadTopics {
  /** viewer → `id|country`. */
  readonly beats: string;
  /** viewer → id. */
  readonly stops: string;
  /** viewer → version, from 1. */
  readonly profiles: string;
  /** country and window start → count. */
  readonly countries: string;
  /** viewer and window start → count. */
  readonly closed: string;
  /** viewer, session end and start → count, or null. */
  readonly sessions: string;
  /** viewer → `beat id|stop id`. */
  readonly pairs: string;
  /** viewer → `beat id|version`. */
  readonly profiled: string;
}

/** The topics of an application. */
export const topicsOf = (applicationId: string): WorkloadTopics => {
  const name = (topic: string): string => `${applicationId}.${topic}`;
  return {
    beats: name('beats'),
    stops: name('stops'),
    profiles: name('profiles'),
    countries: name('countries'),
    closed: name('closed'),
    sessions: name('sessions'),
    pairs: name('pairs'),
    profiled: name('profiled'),
  };
};

/** Read by the application and written by nobody else but it. */
export const repartitionTopicOf = (applicationId: string): string => `${applicationId}-by-country-repartition`;
