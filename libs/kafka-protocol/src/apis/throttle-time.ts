import { int32, type Field } from '../codec/fields.ts';

/** The field of most responses that asks the client to pause for so many milliseconds; `from` is the first version that has it. */
export function throttleTimeMs(from = 0): Field<'throttleTimeMs', number, number, true> {
  return int32('throttleTimeMs', { from, default: 0 });
}
