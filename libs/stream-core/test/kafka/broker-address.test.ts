import { describe, expect, test } from '@jest/globals';
import { addressName, parseBrokerAddress } from '../../src/kafka/broker-address.ts';

describe('a broker address', () => {
  test.each([
    ['localhost:9092', { host: 'localhost', port: 9092 }],
    [' kafka-1.example:19092 ', { host: 'kafka-1.example', port: 19092 }],
    ['[::1]:9092', { host: '::1', port: 9092 }],
    ['[2001:db8::7]:1', { host: '2001:db8::7', port: 1 }],
  ])('%s is read', (text, address) => {
    expect(parseBrokerAddress(text)).toEqual(address);
    expect(addressName(address)).toBe(text.trim());
  });

  test.each([
    'localhost',
    'localhost:',
    ':9092',
    '::1:9092',
    '[::1]',
    'localhost:0',
    'localhost:70000',
    'http://localhost:9092',
  ])('"%s" is refused by name', (text) => {
    expect(() => parseBrokerAddress(text)).toThrow(`"${text}" is no broker address`);
  });
});
