import type { GatewaySettings } from '../config.ts';
import type { Call } from '../http/route.ts';

/**
 * Where a CMCD reporter of this ticket posts: `/v1/cmcd?ticket=…&interval=10`, the interval in whole seconds. A path, to
 * be resolved against the gateway's address; absolute when the installation says its address, or a trusted proxy says
 * under which one it was asked. A Host header of anyone else's making is never repeated.
 */
export function cmcdUrl(
  call: Call,
  { ticket, intervalMs }: { readonly ticket: string; readonly intervalMs: number },
  settings: Pick<GatewaySettings, 'GATEWAY_PUBLIC_URL'>,
): string {
  const interval = Math.max(1, Math.round(intervalMs / 1000));
  const path = `/v1/cmcd?ticket=${encodeURIComponent(ticket)}&interval=${interval}`;
  return `${settings.GATEWAY_PUBLIC_URL ?? forwardedOrigin(call) ?? ''}${path}`;
}

function forwardedOrigin(call: Call): string | undefined {
  if (!call.fromTrustedProxy) return undefined;
  const host = firstOf(call.headers['x-forwarded-host']);
  const protocol = firstOf(call.headers['x-forwarded-proto']) ?? 'https';
  if (host === undefined || !['http', 'https'].includes(protocol)) return undefined;
  const parsed = URL.parse(`${protocol}://${host}`);
  return parsed !== null && parsed.host === host.toLowerCase() ? parsed.origin : undefined;
}

function firstOf(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  return text?.split(',', 1)[0]?.trim();
}
