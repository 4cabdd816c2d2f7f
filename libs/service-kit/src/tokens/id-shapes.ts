/** Tenants are ours to name, so that they fit into keys, metrics and addresses as they are. */
const TENANT = /^[a-z0-9-]{1,32}$/;
/** Longest id of an account, profile or device, in characters. */
const MAX_ID_LENGTH = 128;
/** No space, no control character, no half of a surrogate pair (which could not be percent-encoded). */
const ID = /^[^\s\p{C}]+$/u;
const EMAIL = /^[^@]+@[^@]+\.[^@]+$/;

/** Whether a text can be a tenant. */
export const isTenant = (text: unknown): text is string => typeof text === 'string' && TENANT.test(text);

/**
 * What is wrong with an account, profile or device id, a verb first; undefined when nothing is. Ids are the tenant's own and
 * opaque, but an e-mail address is refused: it is personal data, and would stand in every record.
 */
export function idProblem(text: unknown): string | undefined {
  if (typeof text !== 'string') return 'is not a text';
  if (text.length === 0 || text.length > MAX_ID_LENGTH) return `is not 1 to ${MAX_ID_LENGTH} characters long`;
  if (!ID.test(text)) return 'has a space or a control character in it';
  return EMAIL.test(text.replaceAll('%40', '@')) ? 'is an e-mail address; use an opaque id' : undefined;
}
