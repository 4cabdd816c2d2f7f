import type { PlaybackHeartbeat, Topics } from '@playhead/event-schemas';
import { serdes, StreamsBuilder } from '@playhead/stream-core';
import type { Topology } from '@playhead/stream-core';

/** The store: beats by `contentKey`. */
export const BEATS_BY_CONTENT = 'beats-by-content';

/** What the topology is built from. */
export interface ServiceNameOptions {
  readonly topics: Topics;
}

/** Beats of each content. */
export function buildTopology({ topics }: ServiceNameOptions): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream(topics.heartbeats, { name: 'heartbeats' })
    .filter(isBeatOfContent, { name: 'with-content' })
    .map(({ tenant, content, session }) => ({ key: contentKey(tenant, content ?? ''), value: session }), {
      name: 'key-by-content',
    })
    .groupByKey({ name: 'by-content', key: serdes.string, value: serdes.string })
    .count({ storeName: BEATS_BY_CONTENT });
  return builder.build();
}

/** `tenant/content`. */
export const contentKey = (tenant: string, content: string): string => `${tenant}/${encodeURIComponent(content)}`;

const isBeatOfContent = ({ type, content }: PlaybackHeartbeat): boolean => type === 'BEAT' && content !== null;
