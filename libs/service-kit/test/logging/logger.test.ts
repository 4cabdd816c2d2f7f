import { describe, expect, it } from '@jest/globals';
import { createLogger, withoutTicket } from '@playhead/service-kit';
import type { LogLevel } from '@playhead/service-kit';

const linesOf = (write: (logger: ReturnType<typeof createLogger>) => void, level: LogLevel = 'info') => {
  const lines: string[] = [];
  write(createLogger({ service: 'gateway', level }, { write: (line) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
};

describe('a logger', () => {
  it('writes JSON lines with the fixed fields', () => {
    const [line] = linesOf((logger) =>
      logger.warn({ topic: 't', partition: 1, offset: 2, err: new Error('why') }, 'what'),
    );
    expect(Object.keys(line!)).toEqual(['level', 'time', 'service', 'topic', 'partition', 'offset', 'err', 'msg']);
    expect(line).toMatchObject({
      level: 'warn',
      service: 'gateway',
      topic: 't',
      partition: 1,
      offset: 2,
      msg: 'what',
      err: { message: 'why' },
    });
    expect(new Date(line!['time'] as string).toISOString()).toBe(line!['time']);
  });

  it('leaves out what is below its level', () => {
    expect(linesOf((logger) => logger.info('x'), 'warn')).toEqual([]);
  });

  it.each([
    { ticket: 'hush' },
    { token: 'hush' },
    { request: { headers: { authorization: 'Bearer hush', 'playback-ticket': 'hush' } } },
    { headers: { 'playback-ticket': 'hush' } },
    { kafka: { sasl: { password: 'hush' } } },
    { url: '/v1/cmcd?interval=10&ticket=hush&answer=json' },
  ])('never writes a token, ticket or password: %j', (fields) => {
    const lines = linesOf((logger) => logger.info(fields, 'x'));
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain('hush');
    expect(JSON.stringify(lines)).toContain('[redacted]');
  });

  it('keeps the rest of an address', () => {
    expect(withoutTicket('/v1/cmcd?interval=10&ticket=a.b-c_d&answer=json')).toBe(
      '/v1/cmcd?interval=10&ticket=[redacted]&answer=json',
    );
  });
});
