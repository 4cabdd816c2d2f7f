import { avroType } from '../serde/avro-type.ts';

/**
 * Why `reader` does not read what some of `writers` wrote, one sentence a writer; empty when it reads all: what a
 * registry asks under BACKWARD_TRANSITIVE.
 */
export function unreadableWriters(reader: string, writers: Readonly<Record<string, string>>): readonly string[] {
  const type = avroType(reader);
  return Object.entries(writers).flatMap(([version, writer]) => {
    try {
      type.createResolver(avroType(writer));
      return [];
    } catch (error) {
      return [`${version}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}
