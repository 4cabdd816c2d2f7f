import { ProtocolError } from '../errors.ts';
import { ByteReader } from '../wire/byte-reader.ts';
import type { PrimitiveType } from './fields.ts';
import type { Plan, Step } from './plan.ts';

/** Reads a struct by its plan. Every field of every version is in the result, in the order of the table, so that all versions share one shape. */
export function readStruct(reader: ByteReader, plan: Plan): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  const { steps, flexible } = plan;
  for (const step of steps)
    message[step.name] = step.kind === 'absent' ? step.fallback : readStep(reader, step, flexible);
  if (flexible) readTaggedFields(reader, plan, message);
  return message;
}

function readStep(reader: ByteReader, step: Step, flexible: boolean): unknown {
  const { kind } = step;
  if (kind === 'absent') return step.fallback;
  if (kind === 'array') return readArray(reader, step, flexible);
  if (kind === 'struct') return readStruct(reader, step.plan as Plan);
  return readPrimitive(reader, kind, flexible, step.name);
}

function readArray(reader: ByteReader, step: Step, flexible: boolean): unknown[] | null {
  const length = flexible ? reader.compactArrayLength() : reader.arrayLength();
  if (length < 0) {
    if (!step.nullable) throw new ProtocolError(`${step.name} may not be null in this version`);
    return null;
  }
  const items: unknown[] = [];
  const { plan, element } = step;
  for (let i = 0; i < length; i++) {
    if (plan !== null) items.push(readStruct(reader, plan));
    else if (element !== null) items.push(readPrimitive(reader, element, flexible, step.name));
  }
  return items;
}

function readTaggedFields(reader: ByteReader, plan: Plan, message: Record<string, unknown>): void {
  if (plan.tagged.size === 0) {
    reader.skipTaggedFields();
    return;
  }
  const count = reader.taggedFieldCount();
  for (let i = 0; i < count; i++) {
    const step = plan.tagged.get(reader.unsignedVarint());
    const length = reader.unsignedVarint();
    const at = reader.skip(length);
    if (step === undefined) continue;
    const inner = new ByteReader(reader.buffer, at, at + length);
    message[step.name] = readStep(inner, step, true);
  }
}

function readPrimitive(reader: ByteReader, type: PrimitiveType, flexible: boolean, name: string): unknown {
  switch (type) {
    case 'int8':
      return reader.int8();
    case 'int16':
      return reader.int16();
    case 'uint16':
      return reader.uint16();
    case 'int32':
      return reader.int32();
    case 'int64':
      return reader.int64();
    case 'float64':
      return reader.float64();
    case 'bool':
      return reader.bool();
    case 'uuid':
      return reader.uuid();
    case 'string':
      return notNull(flexible ? reader.compactNullableString() : reader.nullableString(), name);
    case 'nullableString':
      return flexible ? reader.compactNullableString() : reader.nullableString();
    case 'bytes':
      return notNull(flexible ? reader.compactNullableBytes() : reader.nullableBytes(), name);
    case 'nullableBytes':
    case 'records':
      return flexible ? reader.compactNullableBytes() : reader.nullableBytes();
  }
}

function notNull<T>(value: T | null, name: string): T {
  if (value === null) throw new ProtocolError(`${name} may not be null in this version`);
  return value;
}
