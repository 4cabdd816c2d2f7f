import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Fifo } from '../../src/internal/fifo.ts';

test('gives what an array would that is pushed to and shifted from', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant('shift'), fc.constant('clear'), fc.integer()), { size: 'large' }),
      (steps) => {
        const fifo = new Fifo<number>();
        const array: number[] = [];
        for (const step of steps) {
          if (step === 'shift') expect(fifo.shift()).toBe(array.shift());
          else if (step === 'clear') {
            fifo.clear();
            array.length = 0;
          } else {
            fifo.push(step);
            array.push(step);
          }
          expect(fifo.size).toBe(array.length);
        }
        while (array.length > 0) expect(fifo.shift()).toBe(array.shift());
        expect(fifo.shift()).toBeUndefined();
      },
    ),
  );
});
