import { severities, type Severity } from '../severity.ts';
import { findCategory } from '../taxonomy/taxonomy.ts';
import { fillHint, templateText, translateTemplate } from './foreign-template.ts';
import { isRecord } from './imported-value.ts';
import type { Placeholders } from './source-row.ts';

/** How the fields of a row are named, where they are not named as usual. */
export interface RowReading {
  readonly promptField?: string;
  readonly idField?: string;
  readonly fill: Readonly<Record<string, string>>;
}

/** What a row says of its prompt. */
export interface PromptRow {
  readonly prompt: string;
  /** The row's own id, by which it is known again when its prompt changes. */
  readonly key?: string;
  readonly title?: string;
  readonly category?: string;
  readonly severity?: Severity;
  /** Values of `category` and `severity` that are none of ours. */
  readonly foreignValues: readonly string[];
  /** Fields that nothing is made of. */
  readonly unusedFields: readonly string[];
  /** Names of placeholders that were filled in. */
  readonly filled: readonly string[];
}

const promptFields = ['prompt', 'text', 'message', 'question', 'payload', 'value', 'goal', 'behavior', 'attack'];

/** A row as a prompt, or in words why it is none. */
export function readPromptRow(value: unknown, placeholders: Placeholders | undefined, reading: RowReading): PromptRow | string {
  if (typeof value === 'string') return withText({ prompt: value, foreignValues: [], unusedFields: [], filled: [] }, placeholders, reading);
  if (!isRecord(value)) return 'is neither text nor a mapping';
  const field = reading.promptField ?? promptFieldOf(Object.keys(value));
  if (typeof field !== 'string') return field.fault;
  const prompt = Object.hasOwn(value, field) ? value[field] : undefined;
  if (typeof prompt !== 'string') return `has no text in "${field}"`;
  const idField = reading.idField ?? 'id';
  const key = plainText(value[idField]);
  const title = plainText(value['title'] ?? value['name']);
  const category = plainText(value['category']);
  const severity = severities.find((known) => known === value['severity']);
  const isCategory = category !== undefined && isCategoryId(category);
  const used = [field, idField, 'title', 'name', 'category', 'severity'];
  const foreignValues = [
    ...(category === undefined || isCategory ? [] : [`category "${category.slice(0, 60)}"`]),
    ...(severity !== undefined || plainText(value['severity']) === undefined
      ? []
      : [`severity "${plainText(value['severity'])?.slice(0, 60)}"`]),
  ];
  const row: PromptRow = {
    prompt,
    ...(key === undefined ? {} : { key }),
    ...(title === undefined ? {} : { title }),
    ...(isCategory ? { category } : {}),
    ...(severity === undefined ? {} : { severity }),
    foreignValues,
    unusedFields: Object.keys(value).filter((name) => !used.includes(name)),
    filled: [],
  };
  return withText(row, placeholders, reading);
}

/** True for an id of the taxonomy. */
export function isCategoryId(text: string): boolean {
  return findCategory(text) !== undefined;
}

function promptFieldOf(names: readonly string[]): string | { readonly fault: string } {
  const found = names.filter((name) => promptFields.includes(name.toLowerCase()));
  const [first, ...others] = found;
  const shown = names
    .slice(0, 20)
    .map((name) => name.slice(0, 40))
    .join(', ');
  if (first === undefined) return { fault: `which field has the prompt is not clear; say it with --column, one of: ${shown}` };
  if (others.length === 0) return first;
  return { fault: `several fields may have the prompt; say it with --column, one of: ${found.join(', ')}` };
}

function withText(row: PromptRow, placeholders: Placeholders | undefined, reading: RowReading): PromptRow | string {
  if (placeholders === 'garak') return fillGarak(row, reading.fill);
  if (placeholders === undefined) return row;
  const translated = translateTemplate(row.prompt, { renamed: {}, fill: reading.fill });
  if (!translated.ok) return `is a template that ${translated.reason}`;
  return { ...row, prompt: templateText(translated.text), filled: translated.filled };
}

function fillGarak(row: PromptRow, fill: Readonly<Record<string, string>>): PromptRow | string {
  const name = 'generator.name';
  if (!row.prompt.includes(`{${name}}`)) return row;
  const value = Object.hasOwn(fill, name) ? fill[name] : undefined;
  if (value === undefined) return `needs {${name}}, which garak fills in; give ${fillHint([name])}`;
  return { ...row, prompt: row.prompt.replaceAll(`{${name}}`, () => value), filled: [name] };
}

function plainText(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined;
}
