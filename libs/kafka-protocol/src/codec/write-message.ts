import { ProtocolError } from '../errors.ts';
import { ByteWriter } from '../wire/byte-writer.ts';
import type { PrimitiveInputs, PrimitiveType } from './fields.ts';
import type { Plan, Step } from './plan.ts';

type Message = Readonly<Record<string, unknown>>;

/** Writes a struct by its plan. A field that is left out is written as its default; one without a default is a {@link ProtocolError}. */
export function writeStruct(writer: ByteWriter, plan: Plan, message: Message): void {
  const { steps, flexible } = plan;
  for (const step of steps) {
    if (step.kind === 'absent') continue;
    const value = message[step.name];
    if (value === undefined && step.required) throw new ProtocolError(`${step.name} is missing and has no default`);
    writeStep(writer, step, value === undefined ? step.fallback : value, flexible);
  }
  if (flexible) writeTaggedFields(writer, plan, message);
}

function writeStep(writer: ByteWriter, step: Step, value: unknown, flexible: boolean): void {
  const { kind } = step;
  if (kind === 'absent') return;
  if (kind === 'array') writeArray(writer, step, value as readonly unknown[] | null, flexible);
  else if (kind === 'struct') writeStruct(writer, step.plan as Plan, value as Message);
  else writePrimitive(writer, kind, value, flexible, step.name);
}

function writeArray(writer: ByteWriter, step: Step, value: readonly unknown[] | null, flexible: boolean): void {
  if (value === null && !step.nullable) throw new ProtocolError(`${step.name} may not be null in this version`);
  const length = value === null ? -1 : value.length;
  if (flexible) writer.unsignedVarint(length + 1);
  else writer.int32(length);
  if (value === null) return;
  const { plan, element } = step;
  if (plan !== null) for (const item of value) writeStruct(writer, plan, item as Message);
  else if (element !== null) for (const item of value) writePrimitive(writer, element, item, flexible, step.name);
}

function writeTaggedFields(writer: ByteWriter, plan: Plan, message: Message): void {
  if (plan.tagged.size === 0) {
    writer.unsignedVarint(0);
    return;
  }
  const present: [number, Step, unknown][] = [];
  for (const [tag, step] of plan.tagged) {
    const value = message[step.name];
    if (value !== undefined && !isFallback(value, step.fallback)) present.push([tag, step, value]);
  }
  present.sort((a, b) => a[0] - b[0]);
  writer.unsignedVarint(present.length);
  for (const [tag, step, value] of present) {
    const inner = new ByteWriter();
    writeStep(inner, step, value, true);
    writer.unsignedVarint(tag);
    writer.unsignedVarint(inner.size);
    for (const chunk of inner.chunks()) writer.bytes(chunk);
  }
}

function isFallback(value: unknown, fallback: unknown): boolean {
  return value === fallback || (Array.isArray(value) && value.length === 0 && Array.isArray(fallback));
}

function writePrimitive(
  writer: ByteWriter,
  type: PrimitiveType,
  value: unknown,
  flexible: boolean,
  name: string,
): void {
  switch (type) {
    case 'int8':
      return writer.int8(value as number);
    case 'int16':
      return writer.int16(value as number);
    case 'uint16':
      return writer.uint16(value as number);
    case 'int32':
      return writer.int32(value as number);
    case 'int64':
      return writer.int64(value as number);
    case 'float64':
      return writer.float64(value as number);
    case 'bool':
      return writer.bool(value as boolean);
    case 'uuid':
      return writer.uuid(value as string);
    case 'string':
      refuseNull(value, name);
      return writeString(writer, value as string, flexible);
    case 'nullableString':
      return writeString(writer, value as string | null, flexible);
    case 'bytes':
      refuseNull(value, name);
      return writeBytes(writer, value as Uint8Array, flexible);
    case 'nullableBytes':
      return writeBytes(writer, value as Uint8Array | null, flexible);
    case 'records':
      return writeRecords(writer, value as PrimitiveInputs['records'], flexible);
  }
}

function refuseNull(value: unknown, name: string): void {
  if (value === null) throw new ProtocolError(`${name} may not be null in this version`);
}

function writeString(writer: ByteWriter, value: string | null, flexible: boolean): void {
  if (flexible) writer.compactNullableString(value);
  else writer.nullableString(value);
}

function writeBytes(writer: ByteWriter, value: Uint8Array | null, flexible: boolean): void {
  if (flexible) writer.compactNullableBytes(value);
  else writer.nullableBytes(value);
}

function writeRecords(writer: ByteWriter, value: PrimitiveInputs['records'], flexible: boolean): void {
  const pieces = value === null ? [] : value instanceof Uint8Array ? [value] : value;
  let length = value === null ? -1 : 0;
  for (const piece of pieces) length += piece.length;
  if (flexible) writer.unsignedVarint(length + 1);
  else writer.int32(length);
  for (const piece of pieces) writer.bytesByReference(piece);
}
