import { describe, expect, it } from '@jest/globals';
import {
  ConfigError,
  defineSettings,
  int,
  loadSettings,
  oneOf,
  optional,
  port,
  secret,
  string,
  unknownVariables,
} from '@playhead/service-kit';

const definition = defineSettings({
  GATEWAY_PORT: port('Port of the public API.', 8080),
  GATEWAY_MODE: oneOf('How it answers.', ['fast', 'safe'], 'safe'),
  GATEWAY_NAME: optional(string('A name.')),
  GATEWAY_KEY: secret('A key.', undefined, 'digits', (text) => {
    if (!/^\d+$/.test(text)) throw new Error('not only digits');
    return Number(text);
  }),
  GATEWAY_LIMIT: int('A limit.', undefined, { min: 1, max: 9 }),
});

const problemsOf = (env: Record<string, string>): ConfigError => {
  try {
    loadSettings(definition, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('loadSettings', () => {
  it('gives typed values, with defaults, in an object that cannot be changed', () => {
    const settings = loadSettings(definition, {
      GATEWAY_PORT: ' 9000 ',
      GATEWAY_KEY: '42',
      GATEWAY_LIMIT: '3',
      OTHER: 'x',
    });
    const typed: {
      readonly port: number;
      readonly mode: 'fast' | 'safe';
      readonly name: string | undefined;
      readonly key: number;
    } = {
      port: settings.GATEWAY_PORT,
      mode: settings.GATEWAY_MODE,
      name: settings.GATEWAY_NAME,
      key: settings.GATEWAY_KEY,
    };
    expect(typed).toEqual({ port: 9000, mode: 'safe', name: undefined, key: 42 });
    expect(Object.isFrozen(settings)).toBe(true);
  });

  it('takes an empty variable as not given', () => {
    expect(loadSettings(definition, { GATEWAY_PORT: '', GATEWAY_KEY: '1', GATEWAY_LIMIT: '1' }).GATEWAY_PORT).toBe(
      8080,
    );
  });

  it('reports every problem at once: name, value, what is allowed', () => {
    const error = problemsOf({ GATEWAY_PORT: '99999', GATEWAY_MODE: 'slow', GATEWAY_KEY: '1', GATEWAY_LIMIT: '' });
    expect(error.message.split('\n')).toEqual([
      '3 settings cannot be used:',
      '  GATEWAY_PORT: "99999" is refused (more than 65535); allowed: a port from 0 to 65535',
      '  GATEWAY_MODE: "slow" is refused (none of them); allowed: one of fast, safe',
      '  GATEWAY_LIMIT: is required: an integer from 1 to 9 (A limit.)',
    ]);
    expect(error.problems.map(({ name }) => name)).toEqual(['GATEWAY_PORT', 'GATEWAY_MODE', 'GATEWAY_LIMIT']);
  });

  it('never shows a secret', () => {
    const error = problemsOf({ GATEWAY_KEY: 'hush-hush', GATEWAY_LIMIT: '1' });
    expect(error.message).toContain('GATEWAY_KEY: the secret given is refused (not only digits); allowed: digits');
    expect(error.message).not.toContain('hush');
  });

  it('refuses a definition with a name that is no variable', () => {
    expect(() => defineSettings({ gatewayPort: port('x', 1) })).toThrow('gatewayPort');
  });
});

describe('unknownVariables', () => {
  it('names variables that look like settings but are none', () => {
    const env = { GATEWAY_PROT: '1', GATEWAY_PORT: '1', GATE: '1', TOPIC_PARTITION: '4', PATH: '/' };
    expect(unknownVariables(env, ['GATEWAY_', 'TOPIC_'], Object.keys(definition))).toEqual([
      'GATEWAY_PROT',
      'TOPIC_PARTITION',
    ]);
  });
});
