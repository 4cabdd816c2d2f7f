import { concurrencyGuard } from '@playhead/concurrency-guard';
import { enforcement } from '@playhead/enforcement';
import { gatewayService } from '@playhead/gateway';
import { describeSettings, sharedSettings } from '@playhead/service-kit';
import type { SettingsShape } from '@playhead/service-kit';
import { startSettings } from './start-settings.ts';

/** In the order of the README; a setting that several have is shown where it stands first. */
const SECTIONS: readonly (readonly [title: string, settings: SettingsShape])[] = [
  ['npm start', startSettings],
  ['Every service', sharedSettings],
  ['Gateway', gatewayService().settings],
  ['Concurrency guard', concurrencyGuard().settings],
  ['Enforcement', enforcement().settings],
];

/** The tables of all settings, as they stand in the README between its two markers. */
export function describeAllSettings(): string {
  const shown = new Set<string>();
  return SECTIONS.map(([title, settings]) => {
    const fresh = Object.entries(settings).filter(([name]) => !shown.has(name));
    for (const [name] of fresh) shown.add(name);
    return `### ${title}\n\n${describeSettings(Object.fromEntries(fresh))}`;
  }).join('\n\n');
}
