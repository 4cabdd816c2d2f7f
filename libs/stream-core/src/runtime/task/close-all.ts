/** Closes each of `parts` in their order. Throws the first error when it is through. */
export function closeAll(parts: readonly { close(): void }[]): void {
  const errors: unknown[] = [];
  for (const part of parts) {
    try {
      part.close();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
