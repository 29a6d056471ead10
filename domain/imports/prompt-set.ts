import type { Severity } from '../severity.ts';
import { isStorable } from '../storable-text.ts';
import { literalTemplate } from './foreign-template.ts';
import { importedStepId, maxPromptChars } from './imported-step.ts';
import { readPromptRow, type PromptRow, type RowReading } from './prompt-row.ts';
import type { SourceRow } from './source-row.ts';

/** The most that a row's own id may have. */
export const maxKeyChars = 500;

export interface PromptSetOptions extends RowReading {
  /** Of prompts whose row names none. */
  readonly category: string;
  readonly severity: Severity;
  /** A cryptographic digest in hexadecimal. */
  readonly hash: (text: string) => string;
}

/** A remark about one row, or about the whole set when it has none. */
export interface SetNote {
  readonly list: 'changed' | 'refused';
  readonly row?: number;
  readonly line?: number;
  readonly text: string;
}

/** A prompt that was taken. */
export interface ImportedPrompt {
  /** The id of its step: the same in every import, from the row's own id or else from the prompt. */
  readonly id: string;
  /** The row's own id. */
  readonly key?: string;
  readonly prompt: string;
  readonly title?: string;
  readonly category: string;
  readonly severity: Severity;
}

/** Takes prompts from rows one by one, and keeps nothing of a row but a digest, so that a set may have any length. */
export interface PromptSet {
  /** The prompt of a row, or undefined when it is refused. Remarks go to `note`. */
  accept(row: SourceRow): ImportedPrompt | undefined;
}

export function createPromptSet(options: PromptSetOptions, note: (remark: SetNote) => void): PromptSet {
  /** Rows by the id of their step, and by the digest of their prompt. */
  const ids = new Map<string, number>();
  const prompts = new Map<string, number>();
  const said = new Set<string>();
  const once = (list: SetNote['list'], text: string): void => {
    // Names of fields come from the file: a hostile one must not fill the memory.
    if (said.has(text) || said.size >= 200) return;
    said.add(text);
    note({ list, text });
  };

  const noteDefaults = (read: PromptRow): void => {
    if (read.category === undefined) once('changed', `category ${options.category}, where a row names none of the taxonomy (--category)`);
    if (read.severity === undefined) once('changed', `severity ${options.severity}, where a row names none (--severity)`);
    for (const value of read.foreignValues) once('refused', `${value} is none of Ordeal's; the default is taken`);
    for (const field of read.unusedFields) once('refused', `field "${field.slice(0, 60)}" is not carried over`);
    for (const name of read.filled) once('changed', `placeholder ${name} replaced by the value of --fill`);
  };

  return {
    accept: (source) => {
      const { row, line } = source;
      const refuse = (text: string): undefined => {
        note({ list: 'refused', row, line, text });
      };
      if ('fault' in source) return refuse(source.fault);
      const read = readPromptRow(source.value, source.placeholders, options);
      if (typeof read === 'string') return refuse(read);
      const fault = promptFault(read.prompt) ?? keyFault(read.key ?? '');
      if (fault !== undefined) return refuse(fault);
      const id = importedStepId(read, options.hash);
      const digest = options.hash(read.prompt).slice(0, 16);
      const samePrompt = prompts.get(digest);
      if (samePrompt !== undefined) return refuse(`is the same prompt as row ${samePrompt}`);
      const sameId = ids.get(id);
      if (sameId !== undefined) return refuse(`has the id "${(read.key ?? '').slice(0, 60)}" of row ${sameId} with another prompt`);
      prompts.set(digest, row);
      ids.set(id, row);
      noteDefaults(read);
      if (source.remark !== undefined) note({ list: 'changed', row, line, text: source.remark });
      if (read.prompt.includes('\uFFFD')) note({ list: 'changed', row, line, text: 'has U+FFFD in it: the file may not be UTF-8 there' });
      if (literalTemplate(read.prompt) !== read.prompt)
        note({ list: 'changed', row, line, text: 'has {{…}} in it, which stays as it is: written as \\{{…}}' });
      return {
        id,
        prompt: read.prompt,
        ...(read.key === undefined ? {} : { key: read.key }),
        ...(read.title === undefined ? {} : { title: read.title }),
        category: read.category ?? options.category,
        severity: read.severity ?? options.severity,
      };
    },
  };
}

function promptFault(prompt: string): string | undefined {
  if (prompt.trim() === '') return 'the prompt is blank';
  if (prompt.length > maxPromptChars) {
    return `the prompt has ${prompt.length.toLocaleString('en')} characters; ${maxPromptChars.toLocaleString('en')} are the most`;
  }
  if (!isStorable(prompt)) return 'the prompt holds a NUL or half a character, which cannot be stored';
  return undefined;
}

function keyFault(key: string): string | undefined {
  if (key.length > maxKeyChars) return `the id has ${key.length.toLocaleString('en')} characters; ${maxKeyChars} are the most`;
  return isStorable(key) ? undefined : 'the id holds a NUL or half a character, which cannot be stored';
}
