import { templateText, translateTemplate } from './foreign-template.ts';
import type { ImportNotes, ImportPath } from './import-notes.ts';
import { isFileReference, isRecord } from './imported-value.ts';
import type { InlinePrompt } from './promptfoo-redteam.ts';

type Config = Readonly<Record<string, unknown>>;

/**
 * The prompts that a configuration holds in full: each of `prompts` with the variables of each of `tests`. One without
 * a value for all its variables is refused; one that is nothing but a variable and has no tests is the slot of an attack.
 */
export function importPromptfooPrompts(
  config: Config,
  notes: ImportNotes,
  fill: Readonly<Record<string, string>>,
): readonly InlinePrompt[] {
  const templates = readTemplates(config['prompts'], notes);
  const sets = readTests(config, notes);
  const found: InlinePrompt[] = [];
  for (const { text, path } of templates) {
    const isSlot = /^\{\{\s*[\w.]+\s*\}\}$/.test(text.trim());
    if (isSlot && sets.length === 0) {
      notes.taken(path, 'the place of the attack: nothing to carry over');
      continue;
    }
    const cases = sets.length === 0 ? [{ vars: {}, path }] : sets;
    for (const { vars, path: testPath } of cases) {
      const translated = translateTemplate(text, { renamed: {}, fill: { ...fill, ...vars } });
      if (!translated.ok) notes.refused(testPath, translated.reason);
      else found.push({ text: templateText(translated.text), path: testPath });
    }
  }
  return found;
}

function readTemplates(value: unknown, notes: ImportNotes): readonly InlinePrompt[] {
  if (value === undefined) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((entry, index) => {
    const path = Array.isArray(value) ? ['prompts', index] : ['prompts'];
    const text = isRecord(entry) ? (entry['raw'] ?? entry['id']) : entry;
    if (typeof text !== 'string' || text.trim() === '') {
      notes.refused(path, 'is no text');
      return [];
    }
    if (isFileReference(text) || /^\S+\.(?:txt|json|jsonl|ya?ml|md|csv|j2|js|mjs|cjs|ts|mts|py)(?::\w+)?$/.test(text.trim())) {
      notes.refused(path, 'names another file, which is not read; import that file with `ordeal import prompts`');
      return [];
    }
    return [{ text, path }];
  });
}

interface TestCase {
  readonly vars: Readonly<Record<string, string>>;
  readonly path: ImportPath;
}

function readTests(config: Config, notes: ImportNotes): readonly TestCase[] {
  const shared = varsOf(config['defaultTest'], ['defaultTest'], notes) ?? {};
  const tests = config['tests'];
  if (tests === undefined) return Object.keys(shared).length === 0 ? [] : [{ vars: shared, path: ['defaultTest'] }];
  if (!Array.isArray(tests)) {
    notes.refused(['tests'], 'is no list in this file; other files are not read');
    return [];
  }
  return tests.flatMap((test: unknown, index): TestCase[] => {
    const vars = varsOf(test, ['tests', index], notes);
    return vars === undefined ? [] : [{ vars: { ...shared, ...vars }, path: ['tests', index] }];
  });
}

function varsOf(test: unknown, path: ImportPath, notes: ImportNotes): Readonly<Record<string, string>> | undefined {
  if (test === undefined) return {};
  if (!isRecord(test)) {
    notes.refused(path, 'is no test in this file');
    return undefined;
  }
  for (const field of Object.keys(test)) {
    if (field === 'vars' || field === 'description' || field === 'metadata') continue;
    notes.refused(
      [...path, field],
      field.startsWith('assert') ? 'assertions are not carried over; the step looks for compliance' : 'is not carried over',
    );
  }
  const vars = test['vars'] ?? {};
  if (!isRecord(vars)) {
    notes.refused([...path, 'vars'], 'is not a mapping');
    return undefined;
  }
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(vars)) {
    if (isFileReference(value)) notes.refused([...path, 'vars', name], 'names another file, which is not read');
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') texts[name] = String(value);
    else notes.refused([...path, 'vars', name], 'is no single value');
  }
  return texts;
}
