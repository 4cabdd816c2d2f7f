import { newTenantPolicy, newTenantSettings, validatePolicy } from '@playhead/event-schemas';
import type {
  ConcurrencyLevel,
  PlaybackDecision,
  PlaybackHeartbeat,
  PlaybackVerdict,
  TenantPolicy,
  TenantSettings,
} from '@playhead/event-schemas';
import { sessionView } from '../src/session-view.ts';
import type { SessionState } from '../src/stored-session.ts';
import { EPOCH_MS, options, report, timeOf, unknownAction } from './scenario-records.ts';

export { EPOCH_MS, reportOf } from './scenario-records.ts';

/** What the guard wrote: a decision, a verdict, or a verdict's tombstone. */
export type GuardOutput = PlaybackDecision | PlaybackVerdict | { readonly forgotten: string };

/** What a scenario runs on. */
export interface ScenarioBench {
  /** What the guard is told about the log's end. */
  caughtUp: boolean;
  restart(): Promise<void>;
  /** Moves the wall clock, never back. */
  advanceTo(wallMs: number): void;
  send(report: PlaybackHeartbeat): void;
  /** Null takes the entitlement back. */
  entitle(account: string, maxStreams: number | null, timestamp: number, plan?: string): void;
  policy(record: TenantPolicy): void;
  settings(record: TenantSettings): void;
  /** Decisions and verdicts since the last call. */
  takeOutputs(): GuardOutput[];
  /** Levels since the last call, of what `takeOutputs` has given. */
  takeLevels(): ConcurrencyLevel[];
  /** A session of account acc-1. */
  session(session: string): SessionState | undefined;
  close(): void;
}

/**
 * Runs a scenario; gives each line with what really came of it, so that a difference is a readable diff.
 *
 * A scenario is a table in text, one step a line: `seconds action -> what comes of it`. Seconds are the received time of
 * a record and the wall clock. Outcomes are the records that were written, in order: decisions as `allow a 1/2` (`1/-`: nothing limits),
 * `deny b concurrency-limit 2/2`, with `reopen` in front where it was a sign of life; verdicts as `stop b replaced`,
 * `forget b`. Words behind an action: `interval=20`, `grace`, `ticket=60` (its end), `account=…`, `device=…`, `late`,
 * `state=…`, `end=a,b`, `at=` (playhead, seconds), `made=` (the player's clock, seconds), `seen=` (when it happened, seconds), and any attribute of a start as `channel=…`.
 *
 *     start a tv · beat a 0 · event a 0 · cmcd a t 3 p · evidence a MANIFEST · stop a · terminate a
 *     unchecked a · policy {json} · settings {json} · plan basic · levels · limit 1 · limit none · wait · restart · again (the last record) · behind · caught-up · look a
 */
export async function play(lines: string, open: () => Promise<ScenarioBench>): Promise<string> {
  const bench = await open();
  const run = new Run(bench);
  const told: string[] = [];
  for (const line of rowsOf(lines)) {
    const [step = ''] = line.split('->');
    told.push(`${step.trim()} -> ${await run.step(step.trim())}`.trim());
  }
  bench.close();
  return told.join('\n');
}

/** The lines of a table without their indentation. */
export function rowsOf(lines: string): string[] {
  return lines
    .split('\n')
    .map((line) => line.replace(/\s+->\s*/, ' -> ').trim())
    .filter((line) => line !== '');
}

class Run {
  readonly #bench: ScenarioBench;
  #last: PlaybackHeartbeat | undefined;
  #version = 0;

  constructor(bench: ScenarioBench) {
    this.#bench = bench;
  }

  async step(step: string): Promise<string> {
    const [seconds = '', action = '', ...words] = step.split(/\s+/);
    const timeMs = timeOf(seconds);
    this.#bench.advanceTo(timeMs);
    const told = await this.#act(action, words, timeMs);
    return told ?? this.#bench.takeOutputs().map(describeOutput).join('; ');
  }

  async #act(action: string, words: readonly string[], timeMs: number): Promise<string | undefined> {
    switch (action) {
      case 'limit':
        this.#bench.entitle(
          options(words)['account'] ?? 'acc-1',
          words[0] === 'none' ? null : Number(words[0]),
          timeMs,
        );
        return undefined;
      case 'plan':
        this.#bench.entitle('acc-1', null, timeMs, words[0]);
        return undefined;
      case 'policy':
        this.#policy(words.join(' '), timeMs);
        return undefined;
      case 'settings':
        this.#bench.settings(newTenantSettings({ tenant: 'demo', updatedAt: timeMs, ...parse(words) }));
        return undefined;
      case 'levels':
        this.#bench.takeOutputs();
        return this.#bench.takeLevels().map(describeLevel).join('; ');
      case 'wait':
        return undefined;
      case 'restart':
        await this.#bench.restart();
        return undefined;
      case 'behind':
      case 'caught-up':
        this.#bench.caughtUp = action === 'caught-up';
        return undefined;
      case 'look':
        return this.#look(words[0] ?? '', timeMs);
      case 'again':
        this.#bench.send(this.#last ?? unknownAction(action));
        return undefined;
      default:
        this.#last = report(action, words, timeMs);
        this.#bench.send(this.#last);
        return undefined;
    }
  }

  #policy(document: string, timeMs: number): void {
    const checked = validatePolicy(JSON.parse(document));
    if (checked.policy === undefined) throw new Error(`no policy: ${JSON.stringify(checked.problems)}`);
    const { policy } = checked.policy;
    this.#bench.policy(
      newTenantPolicy({ tenant: 'demo', policy, version: ++this.#version, document, updatedAt: timeMs }),
    );
  }

  #look(session: string, timeMs: number): string {
    const state = this.#bench.session(session);
    if (state === undefined) {
      return 'unknown';
    }
    const view = sessionView(state, timeMs);
    const why = [view.endReason, view.verdict === 'continue' ? undefined : view.verdict].filter(Boolean).join(' ');
    return `${view.state}${why === '' ? '' : ` ${why}`} beats=${view.beats} events=${view.events} last=${view.lastSequence}`;
  }
}

const parse = (words: readonly string[]): object => JSON.parse(words.join(' ')) as object;

function describeLevel({ type, session, level, attempted }: ConcurrencyLevel): string {
  return `${type.toLowerCase()} ${session} ${level}${attempted === level ? '' : ` of ${attempted}`}`;
}

function describeOutput(output: GuardOutput): string {
  if ('forgotten' in output) {
    return `forget ${output.forgotten}`;
  }
  if ('verdict' in output) {
    return [output.verdict.toLowerCase(), output.session, output.reason ?? ''].join(' ').trim();
  }
  if (output.type === 'TERMINATION') {
    return `terminated ${output.session}`;
  }
  return [
    ...(output.type === 'IMPLICIT_ADMISSION' ? ['reopen'] : output.type === 'CHECK' ? ['check'] : []),
    output.decision.toLowerCase(),
    output.session,
    ...(output.reason === null ? [] : [output.reason]),
    `${output.current}/${output.max ?? '-'}`,
    ...(output.checked ? [] : ['unchecked']),
    ...(output.admittedUnchecked ? ['admitted-unchecked'] : []),
    ...(output.policy === null || output.policy === 'plan-limit' ? [] : [`by ${output.policy}/${output.rule}`]),
    ...output.policies
      .filter(({ shadow, outcome }) => shadow && outcome === 'DENY')
      .map(({ policy }) => `shadow ${policy}`),
    ...(output.ended.length === 0 ? [] : [`ends ${output.ended.join(' ')}`]),
    ...(output.graceUntil === null ? [] : [`until ${(output.graceUntil - EPOCH_MS) / 1000}`]),
    ...(output.replaced.length === 0 ? [] : [`replaces ${output.replaced.join(' ')}`]),
    ...(output.conflicts.length === 0 ? [] : [`conflicts ${output.conflicts.map(({ session }) => session).join(' ')}`]),
    ...(output.retryAfterMs === null ? [] : [`retry ${output.retryAfterMs / 1000}`]),
  ].join(' ');
}
