import type { ImportPath } from './import-notes.ts';
import { isRecord, valueText } from './imported-value.ts';
import type { Placeholders } from './source-row.ts';

/** A prompt of a document that was read as a whole, or what is wrong there. */
export type DocumentRow = { readonly path: ImportPath } & (
  | { readonly value: unknown; readonly placeholders?: Placeholders }
  | { readonly fault: string }
);

/**
 * The prompts of a JSON or YAML document: a list; a payload file of garak (`payloads`); a seed prompt, template or data
 * set of PyRIT (`value`; `seeds` or `prompts`); or lists of prompts by group.
 */
export function promptDocumentRows(document: unknown): readonly DocumentRow[] {
  if (Array.isArray(document)) return listRows(document, []);
  if (!isRecord(document)) return [{ path: [], fault: 'the file is neither a list nor a mapping' }];
  if (document['value'] !== undefined) return [seedRow(document, [], {})];
  if (document['garak_payload_name'] !== undefined || document['payloads'] !== undefined) return payloadRows(document);
  for (const key of ['seeds', 'prompts']) {
    const list = document[key];
    if (Array.isArray(list)) return list.map((seed: unknown, index) => seedRow(seed, [key, index], document));
  }
  const groups = Object.entries(document);
  if (groups.length > 0 && groups.every(([, list]) => Array.isArray(list) && list.every((member) => typeof member === 'string'))) {
    return groups.flatMap(([group, list]) => listRows(list as readonly unknown[], [group]));
  }
  return [{ path: [], fault: 'is no list of prompts, no payload file of garak, and no seed prompt or template of PyRIT' }];
}

function listRows(list: readonly unknown[], path: ImportPath): readonly DocumentRow[] {
  return list.map((value, index) => {
    const at = [...path, index];
    if (isRecord(value) && value['value'] !== undefined && value['prompt'] === undefined) return seedRow(value, at, {});
    return typeof value === 'string' ? { path: at, value, placeholders: 'garak' } : { path: at, value };
  });
}

function payloadRows(document: Readonly<Record<string, unknown>>): readonly DocumentRow[] {
  const payloads = document['payloads'];
  if (!Array.isArray(payloads)) return [{ path: ['payloads'], fault: 'is no list' }];
  return payloads.map((payload: unknown, index) => {
    const path = ['payloads', index];
    return typeof payload === 'string' ? { path, value: payload, placeholders: 'garak' } : { path, fault: 'is no text' };
  });
}

/** A seed of PyRIT, with what its data set says for all. */
function seedRow(seed: unknown, path: ImportPath, shared: Readonly<Record<string, unknown>>): DocumentRow {
  if (typeof seed === 'string') return { path, value: seed };
  if (!isRecord(seed) || typeof (seed['value'] ?? seed['prompt']) !== 'string') return { path, fault: 'has no text as its value' };
  const kind = seed['data_type'] ?? shared['data_type'] ?? 'text';
  if (kind !== 'text') return { path, fault: `is of data type ${valueText(kind).slice(0, 40)}; only text is carried over` };
  const parameters = seed['parameters'] ?? shared['parameters'];
  const isTemplate = Array.isArray(parameters) && parameters.length > 0;
  const value = {
    prompt: seed['value'] ?? seed['prompt'],
    ...(seed['id'] === undefined ? {} : { id: seed['id'] }),
    ...(seed['name'] === undefined ? {} : { name: seed['name'] }),
  };
  return isTemplate ? { path, value, placeholders: 'jinja' } : { path, value };
}
