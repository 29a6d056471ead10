import { createReadStream } from 'node:fs';
import path from 'node:path';

import { OrdealError } from '../../domain/failures.ts';
import { createCsvReader } from '../../domain/imports/csv-reader.ts';
import { describeImportPath } from '../../domain/imports/import-notes.ts';
import { createJsonArrayReader } from '../../domain/imports/json-array-reader.ts';
import { createJsonLinesReader, createTextReader } from '../../domain/imports/line-reader.ts';
import { promptDocumentRows } from '../../domain/imports/prompt-document.ts';
import type { RowReader, SourceRow } from '../../domain/imports/source-row.ts';
import { readConfigFile, unreadable } from './read-config.ts';

export const promptFormats = ['csv', 'json', 'jsonl', 'txt', 'yaml'] as const;
export type PromptFormat = (typeof promptFormats)[number];

/** The format that the name of a file stands for. Throws `invalid_request` when it stands for none. */
export function formatOf(file: string): PromptFormat {
  const extension = path.extname(file).toLowerCase();
  if (extension === '.csv') return 'csv';
  if (extension === '.json') return 'json';
  if (extension === '.jsonl' || extension === '.ndjson') return 'jsonl';
  if (extension === '.txt') return 'txt';
  if (extension === '.yaml' || extension === '.yml' || extension === '.prompt') return 'yaml';
  throw new OrdealError(
    'invalid_request',
    `The format of ${file} is not clear; say it with --format, one of: ${promptFormats.join(', ')}.`,
  );
}

/** The rows of a file of prompts in order. CSV, JSON lines, text and JSON lists are never in memory as a whole. */
export async function* readPromptRows(file: string, format: PromptFormat): AsyncGenerator<SourceRow> {
  switch (format) {
    case 'csv':
      return yield* streamRows(file, createCsvReader());
    case 'jsonl':
      return yield* streamRows(file, createJsonLinesReader());
    case 'txt':
      return yield* streamRows(file, createTextReader());
    case 'json':
      return yield* (await startsWithList(file)) ? streamRows(file, createJsonArrayReader()) : documentRows(file);
    case 'yaml':
      return yield* documentRows(file);
  }
}

async function* documentRows(file: string): AsyncGenerator<SourceRow> {
  let row = 0;
  for (const document of await readConfigFile(file)) {
    for (const tag of document.foreignTags) yield { row, line: 1, fault: tag };
    for (const found of promptDocumentRows(document.value)) {
      row += 1;
      const place = { row, line: document.lineOf(found.path) };
      if ('fault' in found) {
        const where = describeImportPath(found.path);
        yield { ...place, fault: where === '' ? found.fault : `${where}: ${found.fault}` };
      } else yield { ...place, ...found };
    }
  }
}

async function* streamRows(file: string, reader: RowReader): AsyncGenerator<SourceRow> {
  for await (const text of textOf(file)) yield* reader.push(text);
  yield* reader.end();
}

async function* textOf(file: string): AsyncGenerator<string> {
  // Ends of characters may fall between two pieces; the decoder keeps what is unfinished, and drops a byte order mark.
  const decoder = new TextDecoder('utf-8');
  let isFirst = true;
  try {
    for await (const bytes of createReadStream(file) as AsyncIterable<Buffer>) {
      if (isFirst && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))) {
        throw new Error('it is UTF-16; save it as UTF-8');
      }
      isFirst = false;
      yield decoder.decode(bytes, { stream: true });
    }
  } catch (error) {
    throw unreadable(file, error);
  }
  yield decoder.decode();
}

async function startsWithList(file: string): Promise<boolean> {
  for await (const text of textOf(file)) {
    const first = /\S/.exec(text)?.[0];
    if (first !== undefined) return first === '[';
  }
  return false;
}
