import { MAX_QUESTION_MS } from '@playhead/event-schemas';
import { ConfigError, loadSettings } from '@playhead/service-kit';
import { expect, it } from '@jest/globals';
import { gatewaySettings } from '../src/config.ts';

it.each(['GATEWAY_DECISION_TRY_MS', 'GATEWAY_LOOKUP_TIMEOUT_MS'])(
  '%s was taken where it is longer than a guard in another process lets anybody wait, who answered every question 400',
  (name) => {
    expect(loadSettings(gatewaySettings, { [name]: String(MAX_QUESTION_MS) })).toHaveProperty(name, MAX_QUESTION_MS);
    expect(() => loadSettings(gatewaySettings, { [name]: String(MAX_QUESTION_MS + 1) })).toThrow(ConfigError);
  },
);
