import { describe, expect, it } from '@jest/globals';
import { readCmcdReport } from '../../src/cmcd/cmcd-report.ts';

const LIMITS = { maxBytes: 100, maxLines: 3, maxLineLength: 20 };
const read = (body: string) => readCmcdReport(Buffer.from(body), LIMITS);
const tokens = (body: string) => read(body).lines.map((line) => line.get('sn'));

describe('readCmcdReport', () => {
  it('keeps the order of the lines, with or without LF after the last and with CR before', () => {
    expect(tokens('sn=2\nsn=0\nsn=1\n')).toEqual([2, 0, 1]);
    expect(tokens('sn=2\r\nsn=0\r\n\r\nsn=1')).toEqual([2, 0, 1]);
    expect(tokens('')).toEqual([]);
    expect(tokens('\n\n')).toEqual([]);
  });

  it('refuses a bad line and takes those around it', () => {
    const report = read('sn=0\n{}\nsn=1\n');
    expect(report.lines).toHaveLength(2);
    expect(report.refused).toEqual([{ line: '{}', reason: 'no-key' }]);
  });

  it('refuses a line that is too long and keeps its beginning', () => {
    expect(read(`sid="${'x'.repeat(40)}"`).refused).toEqual([
      { line: `sid="${'x'.repeat(15)}`, reason: 'line-too-long' },
    ]);
  });

  it('counts lines beyond the most that are read', () => {
    expect(read('sn=0\nsn=1\nsn=2\nsn=3\nsn=4')).toMatchObject({ linesTooMany: 2, cut: false });
  });

  it('drops the last, broken line of a body that was cut', () => {
    const report = read(`sn=0\nsn=1\n${'x'.repeat(91)}`);
    expect(report.cut).toBe(true);
    expect(report.lines).toHaveLength(2);
    expect(report.refused).toEqual([]);
  });
});
