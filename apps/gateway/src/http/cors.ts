import type { IncomingHttpHeaders } from 'node:http';

/** Two hours, the longest that Chromium honours: without it each beat of 10 s costs a second request (players.md, finding 9). */
const PREFLIGHT_MAX_AGE_S = 7200;

/**
 * The CORS headers of an answer to a player on another origin. The origin is echoed and credentials are allowed,
 * because beacons carry them; nothing here is decided by a cookie, so no origin gains anything by it.
 */
export function corsHeaders(request: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const { origin } = request;
  if (origin === undefined) return VARY;
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'Retry-After',
  };
}

/** The headers of the answer 204 to a preflight for a path with these methods. */
export function preflightHeaders(
  request: IncomingHttpHeaders,
  methods: readonly string[],
): Readonly<Record<string, string>> {
  return {
    ...corsHeaders(request),
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': 'content-type, authorization, playback-ticket, last-event-id',
    'access-control-max-age': String(PREFLIGHT_MAX_AGE_S),
  };
}

const VARY = Object.freeze({ vary: 'Origin' });
