import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { SIGNATURE_HEADER, verifyWebhook } from '@playhead/enforcement/webhook';
import type { WebhookKey } from '@playhead/enforcement/webhook';
import type { Ticket, TicketVerifier } from '@playhead/service-kit';
import { parse } from './revocation-list.ts';
import type { RevocationList } from './revocation-list.ts';

/** What the agent answers by. */
export interface AgentParts {
  /** Whose streams are served: what is served is told by this tenant's token, so a ticket of another is none. */
  readonly tenant: string;
  readonly tickets: TicketVerifier;
  readonly revoked: RevocationList;
  /** Keys of the enforcement service. */
  readonly keys: readonly WebhookKey[];
  readonly now: () => number;
}

const MAX_WEBHOOK_BYTES = 64 * 1024;

/**
 * `GET /authorize` for nginx's auth_request: 204 and whose stream it is in headers, 401 without a good ticket, 403 for a
 * revoked session. `POST /revocations`: the enforcement webhook; 204 when the list has it on the disk.
 */
export function createAgentServer(parts: AgentParts): Server {
  return createServer((request, response) => {
    if (request.method === 'POST' && request.url === '/revocations') void revoke(parts, request, response);
    else if (request.url === '/authorize') authorize(parts, request, response);
    else response.writeHead(404).end();
  });
}

function authorize({ tenant, tickets, revoked }: AgentParts, request: IncomingMessage, response: ServerResponse): void {
  const ticket = ticketOf(tickets, String(request.headers['x-original-uri'] ?? ''));
  if (ticket?.tenant !== tenant) response.writeHead(401).end();
  else if (revoked.has(ticket)) response.writeHead(403, headersOf(ticket)).end();
  else response.writeHead(204, headersOf(ticket)).end();
}

function ticketOf(tickets: TicketVerifier, address: string): Ticket | undefined {
  const text = /^\/t\/([\w.-]+)\//.exec(address)?.[1];
  try {
    return text === undefined ? undefined : tickets.verify(text);
  } catch {
    return undefined;
  }
}

/** Ids may have any letters; a header takes them percent-encoded, which half of a surrogate pair cannot be. */
const headerOf = (id: string): string => encodeURIComponent(id.toWellFormed());

const headersOf = ({ account, session, content, device, profile }: Ticket): Record<string, string> => ({
  'playhead-account': headerOf(account),
  'playhead-session': headerOf(session),
  'playhead-content': headerOf(content),
  'playhead-device': headerOf(device),
  'playhead-profile': headerOf(profile),
});

async function revoke(parts: AgentParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await textOf(request);
    const signature = request.headers[SIGNATURE_HEADER];
    if (body === undefined) response.writeHead(413, { connection: 'close' }).end();
    else if (!verifyWebhook(body, String(signature ?? ''), parts.keys, parts.now())) response.writeHead(401).end();
    else {
      const revoked = parse(body);
      if (revoked === undefined) response.writeHead(400).end();
      else {
        await parts.revoked.add(revoked);
        response.writeHead(204).end();
      }
    }
  } catch {
    // The sender tries again.
    response.writeHead(500).end();
  }
}

async function textOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_WEBHOOK_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
