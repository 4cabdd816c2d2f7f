import { describeSettings } from '@playhead/service-kit';
import { SECTIONS } from './all-settings.ts';

/** The tables of all settings; a setting that several have is shown where it stands first. As they stand in the README between its two markers. */
export function describeAllSettings(): string {
  const shown = new Set<string>();
  return SECTIONS.map(([title, settings]) => {
    const fresh = Object.entries(settings).filter(([name]) => !shown.has(name));
    for (const [name] of fresh) shown.add(name);
    return `### ${title}\n\n${describeSettings(Object.fromEntries(fresh))}`;
  }).join('\n\n');
}
