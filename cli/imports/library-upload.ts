import {
  libraryBatchResultSchema,
  libraryScanSchema,
  maxEntriesPerBatch,
  type Library,
  type LibraryScan,
} from '../../contracts/library.ts';
import { oneLine } from '../../domain/imports/imported-step.ts';
import { createPromptSet, type ImportedPrompt, type PromptSetOptions } from '../../domain/imports/prompt-set.ts';
import type { SourceRow } from '../../domain/imports/source-row.ts';
import type { ApiClient } from '../api-client.ts';
import type { NoteLists } from './note-view.ts';

/** Of the body of one request, below what the API takes. */
const maxBatchBytes = 700_000;

export interface LibrarySourceRows {
  readonly rows: AsyncIterable<SourceRow> | Iterable<SourceRow>;
  /** What the scan calls the source. */
  readonly sourceName: string;
  readonly reading: PromptSetOptions;
}

/**
 * Reads a source into a library as one scan, a batch at a time: never more than a batch and the digests of the rows are
 * in memory. What became of each row goes to `notes`.
 */
export async function uploadLibrary(
  api: ApiClient,
  library: Library,
  { source, notes }: { readonly source: LibrarySourceRows; readonly notes: NoteLists },
): Promise<LibraryScan> {
  const base = `/api/libraries/${library.libraryId}`;
  const { scanNo } = await api.post(`${base}/scans`, libraryScanSchema, { sourceName: oneLine(source.sourceName, 200) });
  let refused = 0;
  const set = createPromptSet(source.reading, ({ list, row, line, text }) => {
    if (list === 'refused' && row !== undefined) refused += 1;
    notes.add({ list, where: row === undefined ? '' : `line ${line ?? 1}, row ${row}`, text });
  });
  let batch: unknown[] = [];
  let bytes = 0;
  const send = async (): Promise<void> => {
    if (batch.length > 0) await api.post(`${base}/entries`, libraryBatchResultSchema, { scanNo, entries: batch });
    batch = [];
    bytes = 0;
  };
  let isCutShort = false;
  for await (const row of source.rows) {
    const prompt = set.accept(row);
    if ('isEnd' in row) isCutShort = true;
    if (prompt === undefined) continue;
    const entry = entryOf(prompt);
    const size = Buffer.byteLength(JSON.stringify(entry));
    if (batch.length === maxEntriesPerBatch || bytes + size > maxBatchBytes) await send();
    batch.push(entry);
    bytes += size + 1;
  }
  await send();
  return api.post(`${base}/scans/${scanNo}/end`, libraryScanSchema, { isCutShort, refused });
}

function entryOf({ key, prompt, title, category, severity }: ImportedPrompt) {
  return {
    ...(key === undefined ? {} : { key }),
    prompt,
    ...(title === undefined ? {} : { title: oneLine(title, 200) }),
    category,
    severity,
  };
}
