import { CMCD_REFUSALS } from '../cmcd/cmcd-line.ts';
import type { CmcdRefusal } from '../cmcd/cmcd-line.ts';
import { RejectCounters } from './reject-counters.ts';
import { RequestCounters } from './request-counters.ts';
import { CounterFamily } from './typed-metrics.ts';

/** Everything that the gateway counts; the tables add their sizes as gauges. */
export class GatewayMetrics {
  readonly requests = new RequestCounters();
  readonly rejects = new RejectCounters();
  readonly reports = new CounterFamily({
    name: 'gateway_reports_total',
    help: 'Reports stored: native beats and events, and lines of CMCD by what became of them.',
    label: 'kind',
    words: ['beat', 'event', 'evidence', 'cmcd-beat', 'cmcd-event', 'cmcd-without-sid'],
  });
  readonly refusedLines = new CounterFamily<CmcdRefusal | CmcdOverflow>({
    name: 'gateway_cmcd_lines_refused_total',
    help: 'Lines of CMCD reports that were not taken, by reason. Their post is answered as if they were.',
    label: 'reason',
    words: [...CMCD_REFUSALS, 'line-too-long', 'too-many-lines', 'body-too-large', 'rate-limited'],
  });
  readonly deadLetters = new CounterFamily({
    name: 'gateway_dead_letters_total',
    help: 'Lines kept as dead letters, lost because that failed, or dropped because too many of a second were beyond a rate.',
    label: 'outcome',
    words: ['stored', 'lost', 'dropped'],
  });
  readonly unknownFields = new CounterFamily({
    name: 'gateway_unknown_fields_total',
    help: 'Fields of bodies that no schema names, and parameters of queries (query) that no route does; they are ignored.',
    label: 'body',
    words: [
      'heartbeat',
      'event',
      'playback-session',
      'entitlement',
      'evidence',
      'lookup',
      'dry-run',
      'tenant-settings',
      'query',
    ],
  });
  readonly admissions = new CounterFamily({
    name: 'gateway_admissions_total',
    help: 'Starts by outcome; unchecked ones were admitted or refused by the rule of their tenant because the guard did not answer.',
    label: 'outcome',
    words: ['allow', 'deny', 'unchecked-allow', 'unchecked-refuse'],
  });
  readonly verdicts = new CounterFamily({
    name: 'gateway_verdicts_total',
    help: 'Verdicts that reports were answered.',
    label: 'verdict',
    words: ['continue', 'warn', 'stop'],
  });
  readonly unreadableRecords = new CounterFamily({
    name: 'gateway_unreadable_records_total',
    help: 'Records of verdicts, policies and settings that could not be read.',
    label: 'outcome',
    words: ['skipped'],
  });
  readonly unavailable = new CounterFamily({
    name: 'gateway_unavailable_total',
    help: 'Requests answered 503, by what did not answer, could not be read or was full.',
    label: 'part',
    words: ['log', 'guard', 'keys', 'event-streams'],
  });
  readonly queued = new CounterFamily({
    name: 'gateway_queue_records_total',
    help: 'Records kept on the disk because Kafka took none, refused there, delivered later, or lost because Kafka will never take them.',
    label: 'outcome',
    words: ['queued', 'refused', 'drained', 'lost'],
  });
  readonly rateLimited = new CounterFamily({
    name: 'gateway_rate_limited_total',
    help: 'Requests refused for their rate, evidence also in part, by whose limit it was.',
    label: 'scope',
    words: ['session', 'account'],
  });

  /** All of them, for the registry. */
  get all() {
    return [
      this.requests,
      this.reports,
      this.refusedLines,
      this.deadLetters,
      this.unknownFields,
      this.admissions,
      this.verdicts,
      this.unreadableRecords,
      this.rejects,
      this.unavailable,
      this.rateLimited,
      this.queued,
    ];
  }
}

/** Why lines that may be well written are not taken. */
type CmcdOverflow = 'line-too-long' | 'too-many-lines' | 'body-too-large' | 'rate-limited';
