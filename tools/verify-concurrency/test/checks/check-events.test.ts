import { expect, test } from '@jest/globals';
import { checkEvents } from '../../src/checks/check-events.ts';
import { parseEvent } from '../../src/clients/verdict-listener.ts';
import type { EventSeen, LogSeen } from '../../src/history.ts';
import { account, logOf, stopped } from './seen.ts';

const RESET = { type: 'reset', id: undefined, session: undefined, verdict: undefined } as const;
const event = (offset: number, verdict = 'stop', session = `s${offset}`): EventSeen => {
  return { type: 'verdict', id: `0-${offset}`, session, verdict };
};

/** A log with stops at these offsets. */
function logWith(offsets: readonly number[]): LogSeen {
  const verdicts = Object.fromEntries(offsets.map((offset) => [`s${offset}`, [{ ...stopped('x'), offset }]]));
  return logOf(account(1, []), { verdicts });
}

test.each<[string, readonly number[], readonly EventSeen[], readonly string[]]>([
  ['all that came after the first one', [1, 5, 9], [event(5), event(9)], []],
  ['not one between two', [1, 5, 9], [event(1), event(9)], ['events-wrong']],
  ['not the last one', [1, 5, 9], [event(1), event(5)], ['events-wrong']],
  ['not one where a reset says so', [1, 5, 9], [event(1), RESET, event(9)], []],
  ['nothing after a reset', [1, 5, 9], [event(1), RESET], []],
  ['not one after a reset and another event', [1, 5, 9], [RESET, event(5)], ['events-wrong']],
  ['one twice, after a connection was lost', [1, 5], [event(1), event(5), event(5)], []],
  ['one after a warning of another session', [5], [event(3, 'warn'), event(5)], []],
  ['a stop that is not in the log', [1], [event(1), event(2)], ['events-wrong']],
  ["a stop of another account's session", [1], [event(1), event(2, 'stop', 'other')], ['events-wrong']],
])('the stream of events has %s', (_name, offsets, events, expected) => {
  const seen = account(1, []);
  seen.events.push(...events);
  expect(checkEvents(seen, logWith(offsets)).map(({ rule }) => rule)).toEqual(expected);
});

test('a stop that was announced twice has to be heard once, the later time', () => {
  const seen = account(1, []);
  const twice = [2, 6].map((offset) => ({ ...stopped('x'), offset }));
  const log = logOf(seen, { verdicts: { s1: [{ ...stopped('x'), offset: 1 }], s2: twice } });
  seen.events.push(event(1));
  expect(checkEvents(seen, log).map(({ rule }) => rule)).toEqual(['events-wrong', 'events-wrong']);
  seen.events.push(event(6, 'stop', 's2'));
  expect(checkEvents(seen, log)).toEqual([]);
});

test('events are read from their lines, and comments are none', () => {
  expect(parseEvent('id: 3-17\nevent: verdict\ndata: {"session":"a","verdict":"stop","reason":"x"}')).toEqual({
    type: 'verdict',
    id: '3-17',
    session: 'a',
    verdict: 'stop',
  });
  expect(parseEvent('event: reset\ndata: {}')).toEqual(RESET);
  expect(parseEvent(':')).toBeUndefined();
  expect(parseEvent('retry: 3000')).toBeUndefined();
});
