import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FrameSizeError, FrameSplitter } from '../../src/server/frame-splitter.ts';

function framed(body: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

describe('FrameSplitter', () => {
  test('finds the same frames however the stream is cut', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 });
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 200 })), (frames, cuts) => {
        const stream = Buffer.concat(frames.map((frame) => framed(Buffer.from(frame))));
        const splitter = new FrameSplitter(300);
        const found: Buffer[] = [];
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          splitter.push(stream.subarray(at, at + cut));
          at += cut;
          for (let frame = splitter.next(); frame !== null; frame = splitter.next()) found.push(Buffer.from(frame));
        }
        expect(found.map((frame) => frame.toString('hex'))).toEqual(
          frames.map((frame) => Buffer.from(frame).toString('hex')),
        );
        expect(splitter.pendingBytes).toBe(0);
      }),
    );
  });

  test.each([-1, 101, 0x7fff_ffff])('refuses a frame of %d bytes when 100 are allowed', (size) => {
    const splitter = new FrameSplitter(100);
    const head = Buffer.alloc(4);
    head.writeInt32BE(size);
    splitter.push(head);
    expect(() => splitter.next()).toThrow(FrameSizeError);
  });

  test('a frame of the largest size is taken', () => {
    const splitter = new FrameSplitter(100);
    splitter.push(framed(Buffer.alloc(100, 7)));
    expect(splitter.next()).toHaveLength(100);
  });
});
