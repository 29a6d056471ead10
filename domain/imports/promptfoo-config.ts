import { didYouMean } from '../nearest-name.ts';
import type { ImportNotes } from './import-notes.ts';
import { isRecord } from './imported-value.ts';
import type { ImportedTarget } from './imported-target.ts';
import { importPromptfooPrompts } from './promptfoo-prompts.ts';
import { importPromptfooRedteam, type ImportedSelection, type InlinePrompt } from './promptfoo-redteam.ts';
import { importPromptfooProvider } from './promptfoo-target.ts';

export interface ImportedConfig {
  readonly targets: readonly ImportedTarget[];
  readonly selection?: ImportedSelection;
  /** Prompts that the file holds in full. */
  readonly prompts: readonly InlinePrompt[];
}

const known = ['description', 'targets', 'providers', 'prompts', 'tests', 'defaultTest', 'redteam'];
const notCarried = [
  'env',
  'scenarios',
  'evaluateOptions',
  'outputPath',
  'extensions',
  'commandLineOptions',
  'sharing',
  'derivedMetrics',
  'nunjucksFilters',
  'tags',
  'metadata',
  'tracing',
];

/** A whole configuration of promptfoo; what became of each part is in `notes`. */
export function importPromptfooConfig(
  config: unknown,
  notes: ImportNotes,
  options: { readonly fill: Readonly<Record<string, string>>; readonly knownStrategies: ReadonlySet<string> },
): ImportedConfig {
  if (!isRecord(config)) {
    notes.refused([], 'the file is no mapping such as a promptfoo configuration');
    return { targets: [], prompts: [] };
  }
  for (const field of Object.keys(config)) {
    if (known.includes(field) || field === '$schema') continue;
    notes.refused([field], notCarried.includes(field) ? 'is not carried over' : `unknown field${didYouMean(field, known)}`);
  }
  const redteamFields = isRecord(config['redteam']) ? config['redteam'] : {};
  const injectVar = redteamFields['injectVar'];
  const targetOptions = { fill: options.fill, ...(typeof injectVar === 'string' ? { injectVar } : {}) };
  const targets = (['targets', 'providers'] as const).flatMap((field) => {
    const value = config[field];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value].filter((single) => single !== undefined);
    return list.flatMap((provider, index) => {
      const path = Array.isArray(value) ? [field, index] : [field];
      return importPromptfooProvider(provider, { path, notes }, targetOptions) ?? [];
    });
  });
  const redteam = importPromptfooRedteam(config['redteam'], { path: ['redteam'], notes }, options.knownStrategies);
  const prompts = [...importPromptfooPrompts(config, notes, options.fill), ...(redteam?.prompts ?? [])];
  return { targets, prompts, ...(redteam === undefined ? {} : { selection: redteam.selection }) };
}
