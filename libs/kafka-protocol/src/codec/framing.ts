import { ByteReader } from '../wire/byte-reader.ts';
import { ByteWriter } from '../wire/byte-writer.ts';
import type { AnyApi, Api } from './define-api.ts';

/** ApiVersions answers with header v0 in every version: a client that does not know the broker yet must be able to read it. */
const API_VERSIONS_KEY = 18;

/** What a client puts in front of a request. */
export interface RequestEnvelope {
  readonly correlationId: number;
  readonly clientId: string | null;
}

/** The part of a request's header that every version of every API has. */
export interface RequestHeader extends RequestEnvelope {
  readonly apiKey: number;
  readonly apiVersion: number;
  /** Where in the frame the header's tagged fields (flexible versions) or the body begin. */
  readonly endOffset: number;
}

/** A request as it goes over the wire, its four-byte size in front; record sets are in it by reference. */
export function encodeRequest<In>(
  api: Api<In, unknown, never, unknown>,
  version: number,
  envelope: RequestEnvelope,
  request: In,
): Buffer[] {
  const writer = new ByteWriter();
  const sizeAt = writer.reserveInt32();
  writer.int16(api.key);
  writer.int16(version);
  writer.int32(envelope.correlationId);
  // Not compact even in header v2, so that a broker reads it before it knows the version.
  writer.nullableString(envelope.clientId);
  if (version >= api.flexibleFrom) writer.unsignedVarint(0);
  api.request.encode(writer, version, request);
  writer.patchInt32(sizeAt, writer.size - 4);
  return writer.chunks();
}

/** A response as it goes over the wire, its four-byte size in front; record sets are in it by reference. */
export function encodeResponse<In>(
  api: Api<never, unknown, In, unknown>,
  version: number,
  correlationId: number,
  response: In,
): Buffer[] {
  const writer = new ByteWriter();
  const sizeAt = writer.reserveInt32();
  writer.int32(correlationId);
  if (hasResponseTags(api, version)) writer.unsignedVarint(0);
  api.response.encode(writer, version, response);
  writer.patchInt32(sizeAt, writer.size - 4);
  return writer.chunks();
}

/** Reads the header of a request's frame (without its size). Works for APIs and versions that nobody here knows. */
export function decodeRequestHeader(frame: Buffer): RequestHeader {
  const reader = new ByteReader(frame);
  const apiKey = reader.int16();
  const apiVersion = reader.int16();
  const correlationId = reader.int32();
  const clientId = reader.nullableString();
  return { apiKey, apiVersion, correlationId, clientId, endOffset: reader.position };
}

/** Reads the body of a request whose header {@link decodeRequestHeader} has read. Byte fields are views of the frame. */
export function decodeRequest<Out>(api: Api<never, Out, never, unknown>, header: RequestHeader, frame: Buffer): Out {
  const reader = new ByteReader(frame, header.endOffset);
  if (header.apiVersion >= api.flexibleFrom) reader.skipTaggedFields();
  return api.request.decode(reader, header.apiVersion);
}

/** Reads a response from what follows its correlation id in the frame. Byte fields are views of `payload`. */
export function decodeResponse<Out>(api: Api<never, unknown, never, Out>, version: number, payload: Buffer): Out {
  const reader = new ByteReader(payload);
  if (hasResponseTags(api, version)) reader.skipTaggedFields();
  return api.response.decode(reader, version);
}

function hasResponseTags(api: AnyApi, version: number): boolean {
  return version >= api.flexibleFrom && api.key !== API_VERSIONS_KEY;
}
