import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { MAX_SIGNATURE_AGE_MS, signWebhook, verifyWebhook } from '../src/webhook-signature.ts';

const NOW = 1_800_000_000_000;
const keys = [
  { kid: 'k1', key: randomBytes(32) },
  { kid: 'k2', key: randomBytes(32) },
];
const BODY = '{"id":"s:e"}';
const signed = signWebhook(BODY, keys[1]!, NOW);

describe('the signature of a webhook', () => {
  it('is accepted by whoever has the key, for five minutes', () => {
    expect(verifyWebhook(BODY, signed, keys, NOW)).toBe(true);
    expect(verifyWebhook(BODY, signed, keys, NOW + MAX_SIGNATURE_AGE_MS)).toBe(true);
  });

  it.each<[string, () => boolean]>([
    ['with another body', () => verifyWebhook('{"id":"t:e"}', signed, keys, NOW)],
    ['that is older', () => verifyWebhook(BODY, signed, keys, NOW + MAX_SIGNATURE_AGE_MS + 1)],
    ['of the future', () => verifyWebhook(BODY, signed, keys, NOW - MAX_SIGNATURE_AGE_MS - 1)],
    ['whose time was changed', () => verifyWebhook(BODY, signed.replace(/t=\d+/, 't=1800000001'), keys, NOW)],
    ['under another key’s name', () => verifyWebhook(BODY, signed.replace('kid=k2', 'kid=k1'), keys, NOW)],
    ['by a key that is not known', () => verifyWebhook(BODY, signed, keys.slice(0, 1), NOW)],
    ['that is none', () => verifyWebhook(BODY, 'v1=00', keys, NOW)],
    ['that is missing', () => verifyWebhook(BODY, undefined, keys, NOW)],
  ])('is refused %s', (_name, verify) => {
    expect(verify()).toBe(false);
  });
});
