import { open } from 'node:fs/promises';

import { isMap, isNode, isScalar, LineCounter, parseAllDocuments, type Document } from 'yaml';

import { OrdealError } from '../../domain/failures.ts';
import { describeImportPath, type ImportPath } from '../../domain/imports/import-notes.ts';

/** Files that are read as a whole. Sets that may be larger are read row by row. */
const maxWholeFileBytes = 32 * 1024 * 1024;

/** A document of a YAML or JSON file. */
export interface ConfigDocument {
  readonly value: unknown;
  lineOf(path: ImportPath): number;
  /** Tags that stand for code or types of another program; their values were read as plain text. */
  readonly foreignTags: readonly string[];
}

/** Reads a file of YAML or JSON. Throws `invalid_request` that says what cannot be read, and in which line. */
export async function readConfigFile(file: string): Promise<readonly ConfigDocument[]> {
  const text = await readWhole(file);
  const lines = new LineCounter();
  // Merge keys (<<) belong to the YAML 1.1 that these tools read.
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, merge: true });
  const documents = Array.isArray(parsed) ? parsed : [];
  for (const document of documents) {
    const [error] = document.errors;
    if (error === undefined) continue;
    throw new OrdealError('invalid_request', `${file}:${lines.linePos(error.pos[0]).line}: not valid YAML or JSON: ${error.message}`);
  }
  return documents.map((document) => ({
    value: plainValue(document, file),
    lineOf: (path) => lineOf(document, lines, path),
    foreignTags: document.warnings.map((warning) => `line ${lines.linePos(warning.pos[0]).line}: ${warning.message}`),
  }));
}

async function readWhole(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      if (size > maxWholeFileBytes) throw new Error('it has more than 32 MB; split it, or write it as JSON lines');
      return (await handle.readFile('utf8')).replace(/^\uFEFF/, '');
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(file, error);
  }
}

export function unreadable(file: string, error: unknown): OrdealError {
  return new OrdealError('invalid_request', `${file} cannot be read: ${error instanceof Error ? error.message : 'unknown reason'}`);
}

function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // Aliases that multiply: a few lines can stand for gigabytes.
    throw unreadable(file, error);
  }
}

/** The line of what stands at `path`, or of the nearest thing around it. */
function lineOf(document: Document, lines: LineCounter, path: ImportPath): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key)) : undefined;
    const node = pair?.key ?? (isMap(parent) ? undefined : document.getIn(path.slice(0, length), true));
    const offset = isNode(node) ? node.range?.[0] : undefined;
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

/** A place in a document for a person: its line and path, or nothing for the document as a whole. */
export function describePlace(at: readonly (string | number)[], document: ConfigDocument | undefined): string {
  return at.length === 0 ? '' : `line ${document?.lineOf(at) ?? 1}: ${describeImportPath(at)}`;
}
