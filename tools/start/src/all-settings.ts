import { concurrencyGuard } from '@playhead/concurrency-guard';
import { enforcement } from '@playhead/enforcement';
import { gatewayService } from '@playhead/gateway';
import { ConfigError, loadSettings, sharedSettings } from '@playhead/service-kit';
import type { Environment, SettingProblem, SettingsShape } from '@playhead/service-kit';
import { misspeltSettings } from './misspelt-settings.ts';
import { startSettings } from './start-settings.ts';

/** All settings by whom they are of, in the order of the README. */
export const SECTIONS: readonly (readonly [title: string, settings: SettingsShape])[] = [
  ['npm start', startSettings],
  ['Every service', sharedSettings],
  ['Gateway', gatewayService().settings],
  ['Concurrency guard', concurrencyGuard().settings],
  ['Enforcement', enforcement().settings],
];

/**
 * Checks the settings of everything that `npm start` runs. Throws one `ConfigError` with every problem, misspelt names
 * among them; where names are all that is wrong, gives them.
 */
export function checkAllSettings(env: Environment): readonly SettingProblem[] {
  // What several have is read as npm start reads it.
  const all: SettingsShape = Object.assign({}, ...SECTIONS.map(([, settings]) => settings).toReversed());
  const misspelt = misspeltSettings(env, Object.keys(all));
  try {
    loadSettings(all, env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError([...error.problems, ...misspelt]);
  }
  return misspelt;
}
