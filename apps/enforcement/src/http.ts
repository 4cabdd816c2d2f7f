import { Router } from 'express';
import type { OutboxCounts } from './outbox.ts';

/** `GET /internal/v1/revocations`: what became of revocations, and how many wait on this instance. */
export function enforcementRoutes(counts: OutboxCounts): Router {
  const router = Router();
  router.get('/revocations', (_request, response) => {
    response.json(counts);
  });
  return router;
}
