import { describe, expect, it } from '@jest/globals';
import { misspeltSettings } from '../src/misspelt-settings.ts';

const KNOWN = ['GATEWAY_PORT', 'STREAMS_STATE', 'LOG_LEVEL', 'KAFKA_BROKERS'];
const said = (env: Readonly<Record<string, string>>): readonly string[] =>
  misspeltSettings(env, KNOWN).map(({ name, message }) => `${name} ${message}`);

describe('variables that look like settings and are none', () => {
  it.each([
    ['GATWAY_PORT', 'there is no such setting; did you mean GATEWAY_PORT?'],
    ['STREAMS_STAET', 'there is no such setting; did you mean STREAMS_STATE?'],
    ['KAFKA_BROKER', 'there is no such setting; did you mean KAFKA_BROKERS?'],
    ['GATEWAY_COLOUR', 'there is no such setting'],
  ])('%s', (name, message) => {
    expect(said({ [name]: 'x' })).toEqual([`${name} ${message}`]);
  });

  it('are not what other programs have, nor settings themselves', () => {
    expect(said({ LOG_LEVEL: 'warn', KAFKA_HEAP: '1g', PATH: '/bin', LEVEL: '1', npm_config_port: '1' })).toEqual([]);
  });
});
