import type { LogPosition } from '@playhead/event-schemas';
import type { Ticket } from '@playhead/service-kit';
import type { CmcdReport, RefusedLine } from '../cmcd/cmcd-report.ts';
import { cmcdRecords } from '../cmcd/cmcd-records.ts';
import { timeOf } from '../cmcd/cmcd-values.ts';
import type { GatewayParts } from '../gateway-parts.ts';

/** The one key of the rate of dead letters. */
const ALL_SESSIONS = '';

/** How a report came. */
interface Received {
  readonly receivedAt: number;
  readonly intervalMs: number | null;
  /** Of the ticket that the answer hands out, or of the present one. */
  readonly ticketExpiresAt: number;
}

/**
 * Writes a report's lines to the log in their order, and what cannot be read to the dead letters. Resolves when Kafka
 * has the readable ones; rejects with `LogUnavailableError`, the only reason to refuse a report: dash.js and hls.js then
 * send it again and nothing is lost.
 */
export async function storeCmcd(
  parts: GatewayParts,
  ticket: Ticket,
  report: CmcdReport,
  { receivedAt, intervalMs, ticketExpiresAt }: Received,
): Promise<void> {
  const { metrics } = parts;
  if (report.cut) metrics.refusedLines.add('body-too-large');
  metrics.refusedLines.add('too-many-lines', report.linesTooMany);
  if (isBeyondRate(parts, ticket, report, receivedAt)) {
    keepBeyondRate(parts, ticket, report, receivedAt);
    return;
  }
  for (const refused of report.refused) keepDeadLetter(parts, ticket, refused, receivedAt);
  const times = report.lines.map((line) => timeOf(line, 'ts')).filter((time) => time !== null);
  const clockOffsetMs =
    times.length === 0 ? 0 : parts.clockOffsets.measure(ticket.session, Math.max(...times), receivedAt);
  const stored: Promise<LogPosition | undefined>[] = [];
  let beats = 0;
  let ended = false;
  for (const line of report.lines) {
    const records = cmcdRecords(ticket, line, { receivedAt, clockOffsetMs, intervalMs, ticketExpiresAt });
    stored.push(parts.log.heartbeat(records.heartbeat));
    if (records.event !== undefined) stored.push(parts.log.event(records.event));
    metrics.reports.add(records.kind);
    if (records.kind === 'cmcd-beat') beats++;
    ended = records.final;
  }
  await Promise.all(stored);
  if (ended) parts.live.ended(ticket.tenant, ticket.session, receivedAt);
  else if (report.lines.length > 0) {
    const stopped = parts.blocked.get(ticket)?.verdict === 'stop';
    parts.live.reported(ticket.tenant, ticket.session, { beats, stopped, now: receivedAt });
  }
}

function isBeyondRate(parts: GatewayParts, ticket: Ticket, report: CmcdReport, now: number): boolean {
  const items = report.lines.length + report.refused.length;
  return (
    parts.sessionRate.take(ticket.session, items, now) > 0 ||
    parts.accountRate.take(`${ticket.tenant}/${ticket.account}`, items, now) > 0
  );
}

/** Keeps what is beyond a rate as dead letters too, up to a bound for all sessions: a flood shall not become one in Kafka. */
function keepBeyondRate(parts: GatewayParts, ticket: Ticket, report: CmcdReport, receivedAt: number): void {
  const lines = [...report.texts, ...report.refused.map(({ line }) => line)];
  for (const line of lines) {
    if (parts.letterRate.take(ALL_SESSIONS, 1, receivedAt) === 0) {
      keepDeadLetter(parts, ticket, { line, reason: 'rate-limited' }, receivedAt);
    } else {
      parts.metrics.refusedLines.add('rate-limited');
      parts.metrics.deadLetters.add('dropped');
    }
  }
}

/** Not waited for: a dead letter that is lost is counted, and the report stays accepted. */
function keepDeadLetter(parts: GatewayParts, ticket: Ticket, refused: RefusedLine, receivedAt: number): void {
  const { tenant, account, session } = ticket;
  parts.metrics.refusedLines.add(refused.reason);
  parts.log.deadLetter({ tenant, account, session, receivedAt, ...refused }).then(
    () => parts.metrics.deadLetters.add('stored'),
    () => parts.metrics.deadLetters.add('lost'),
  );
}
