import { problem } from '@playhead/service-kit';
import type { KafkaStreams } from '@playhead/stream-core';
import { Router } from 'express';
import { BEATS_BY_CONTENT, contentKey } from './topology.ts';

/** The questions of other services; they read the store wherever the key's owner is. */
export const routes = (streams: Pick<KafkaStreams, 'query'>): Router =>
  Router().get('/contents/:tenant/:content', async ({ params: { tenant, content } }, response) => {
    const { value } = await streams.query<string, number>(BEATS_BY_CONTENT).get(contentKey(tenant, content));
    if (value === undefined) throw problem(404, 'content-unknown', { detail: `no beat of content ${content} yet` });
    response.json({ beats: value });
  });
