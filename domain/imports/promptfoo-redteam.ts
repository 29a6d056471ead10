import { didYouMean } from '../nearest-name.ts';
import { severities, type Severity } from '../severity.ts';
import type { ImportNotes, ImportPath } from './import-notes.ts';
import { isFileReference, isRecord } from './imported-value.ts';
import {
  isPromptfooFramework,
  promptfooCollections,
  promptfooPluginCategories,
  promptfooStrategyNames,
  promptfooUnexpandedCollections,
} from './promptfoo-plugins.ts';

/** What a `redteam` section asks for, in terms of the taxonomy. */
export interface ImportedSelection {
  readonly purpose?: string;
  readonly categories: readonly SelectedCategory[];
  readonly strategies: readonly string[];
}

interface SelectedCategory {
  readonly category: string;
  /** The plugins that ask for it. */
  readonly plugins: readonly string[];
  /** Only where a plugin sets it; the worst of them. */
  readonly severity?: Severity;
}

/** A prompt that a configuration holds in full. */
export interface InlinePrompt {
  readonly text: string;
  readonly path: ImportPath;
}

export interface ImportedRedteam {
  readonly selection: ImportedSelection;
  /** Of the `intent` plugin. */
  readonly prompts: readonly InlinePrompt[];
}

const carried = ['purpose', 'injectVar', 'plugins', 'strategies'];

/** The `redteam` section, read without running or fetching anything. `knownStrategies` are those that Ordeal has. */
export function importPromptfooRedteam(
  section: unknown,
  { path, notes }: { readonly path: ImportPath; readonly notes: ImportNotes },
  knownStrategies: ReadonlySet<string>,
): ImportedRedteam | undefined {
  if (section === undefined) return undefined;
  if (!isRecord(section)) {
    notes.refused(path, 'is not a mapping');
    return undefined;
  }
  for (const field of Object.keys(section)) {
    if (!carried.includes(field)) notes.refused([...path, field], 'is not carried over');
  }
  const purpose = section['purpose'];
  const hasPurpose = typeof purpose === 'string' && !isFileReference(purpose);
  if (hasPurpose) notes.taken([...path, 'purpose'], 'purpose');
  else if (purpose !== undefined) notes.refused([...path, 'purpose'], 'is no text in this file');
  if (section['injectVar'] !== undefined) notes.changed([...path, 'injectVar'], 'this variable is read as {{prompt}}');
  const plugins = readPlugins(section['plugins'], [...path, 'plugins'], notes);
  return {
    selection: {
      ...(hasPurpose ? { purpose } : {}),
      categories: plugins.categories,
      strategies: readStrategies(section['strategies'], { path: [...path, 'strategies'], notes }, knownStrategies),
    },
    prompts: plugins.prompts,
  };
}

interface ReadPlugins {
  readonly categories: readonly SelectedCategory[];
  readonly prompts: readonly InlinePrompt[];
}

function readPlugins(value: unknown, path: ImportPath, notes: ImportNotes): ReadPlugins {
  const categories = new Map<string, { plugins: string[]; severity: Severity | undefined }>();
  const prompts: InlinePrompt[] = [];
  for (const [index, entry] of listOf(value, path, notes).entries()) {
    const at = [...path, index];
    const id = idOf(entry);
    if (id === undefined) notes.refused(at, 'has no id');
    else if (id === 'intent') prompts.push(...intents(entry, [...at, 'config', 'intent'], notes));
    else {
      const severity = severityOf(entry, at, notes);
      noteOtherFields(entry, at, notes);
      for (const plugin of expandPlugin(id, at, notes)) {
        const category = promptfooPluginCategories[plugin];
        if (category === undefined) continue;
        const known = categories.get(category) ?? { plugins: [], severity: undefined };
        known.plugins.push(plugin);
        known.severity = worst(known.severity, severity);
        categories.set(category, known);
      }
    }
  }
  return {
    categories: Array.from(categories, ([category, { plugins, severity }]) => ({
      category,
      plugins: [...new Set(plugins)],
      ...(severity === undefined ? {} : { severity }),
    })).toSorted((left, right) => (left.category < right.category ? -1 : 1)),
    prompts,
  };
}

/** The plugins of the table that an id stands for; none when it is refused. */
function expandPlugin(id: string, at: ImportPath, notes: ImportNotes): readonly string[] {
  const category = Object.hasOwn(promptfooPluginCategories, id) ? promptfooPluginCategories[id] : undefined;
  if (category !== undefined) {
    notes.taken(at, `plugin ${id}: category ${category}`);
    return [id];
  }
  const members = Object.hasOwn(promptfooCollections, id) ? promptfooCollections[id] : undefined;
  if (members !== undefined) {
    const found = [...new Set(members.map((plugin) => promptfooPluginCategories[plugin]))].join(', ');
    notes.changed(at, `collection ${id} expanded to ${members.length} plugins: categories ${found}`);
    return members;
  }
  notes.refused(at, `plugin ${id}: ${whyRefused(id)}`);
  return [];
}

function whyRefused(id: string): string {
  if (isFileReference(id)) return 'is code in a file, which is not run';
  if (isPromptfooFramework(id)) return 'a framework id, expanded by a table of promptfoo; choose categories by name';
  if (promptfooUnexpandedCollections.has(id)) return 'a collection that promptfoo changes between versions; name its plugins';
  if (id === 'policy') return 'a policy in words needs a judge that reads it; write a script for it';
  return `has no counterpart in the taxonomy${didYouMean(id, Object.keys(promptfooPluginCategories))}`;
}

function intents(entry: unknown, path: ImportPath, notes: ImportNotes): readonly InlinePrompt[] {
  const config = isRecord(entry) ? entry['config'] : undefined;
  const intent = isRecord(config) ? config['intent'] : undefined;
  const texts: readonly unknown[] = Array.isArray(intent) ? intent : [intent];
  return texts.flatMap((text, index) => {
    const at = Array.isArray(intent) ? [...path, index] : path;
    if (typeof text === 'string' && !isFileReference(text) && text.trim() !== '') return [{ text, path: at }];
    notes.refused(at, isFileReference(text) ? 'names another file, which is not read' : 'is no single prompt');
    return [];
  });
}

function readStrategies(
  value: unknown,
  { path, notes }: { readonly path: ImportPath; readonly notes: ImportNotes },
  known: ReadonlySet<string>,
): readonly string[] {
  const names: string[] = [];
  for (const [index, entry] of listOf(value, path, notes).entries()) {
    const at = [...path, index];
    const id = idOf(entry);
    if (id === undefined) {
      notes.refused(at, 'has no id');
      continue;
    }
    const name = Object.hasOwn(promptfooStrategyNames, id) ? promptfooStrategyNames[id] : undefined;
    if (name !== undefined && known.has(name)) {
      notes.taken(at, `strategy ${id}: ${name}`);
      if (isRecord(entry) && entry['config'] !== undefined) notes.refused([...at, 'config'], 'options of strategies are not carried over');
      names.push(name);
    } else {
      notes.refused(at, isFileReference(id) ? 'is code in a file, which is not run' : `strategy ${id}: not carried over`);
    }
  }
  return [...new Set(names)];
}

function listOf(value: unknown, path: ImportPath, notes: ImportNotes): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  notes.refused(path, 'is not a list');
  return [];
}

function idOf(entry: unknown): string | undefined {
  const id = isRecord(entry) ? entry['id'] : entry;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function severityOf(entry: unknown, at: ImportPath, notes: ImportNotes): Severity | undefined {
  const written = isRecord(entry) ? entry['severity'] : undefined;
  if (written === undefined) return undefined;
  if (written === 'informational') {
    notes.changed([...at, 'severity'], 'informational: low, the least that Ordeal has');
    return 'low';
  }
  const severity = severities.find((known) => known === written);
  if (severity === undefined) notes.refused([...at, 'severity'], `is none of ${severities.join(', ')}`);
  return severity;
}

function noteOtherFields(entry: unknown, at: ImportPath, notes: ImportNotes): void {
  if (!isRecord(entry)) return;
  for (const field of Object.keys(entry)) {
    if (field !== 'id' && field !== 'severity') notes.refused([...at, field], 'is not carried over');
  }
}

function worst(left: Severity | undefined, right: Severity | undefined): Severity | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return severities.indexOf(left) < severities.indexOf(right) ? left : right;
}
