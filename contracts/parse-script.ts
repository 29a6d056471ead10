import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from '../domain/nearest-name.ts';
import type { ScriptDefinition } from '../domain/script.ts';
import { detectorSchema } from './detector.ts';
import { scriptFileSchema } from './script.ts';
import { stepSchema } from './step.ts';

/** One thing that is wrong in a script file. */
export interface ScriptIssue {
  readonly line: number;
  /** Where in the data, such as `steps.2.prompt`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  /** All of it in one line: `file:line: path: message`. */
  readonly text: string;
}

export type ParsedScript =
  | { readonly ok: true; readonly script: ScriptDefinition; readonly version: number }
  | { readonly ok: false; readonly issues: readonly ScriptIssue[] };

export const maxScriptBytes = 1024 * 1024;

type Path = readonly PropertyKey[];

/** Reads a script from YAML (or JSON, which is YAML as well). Whatever is wrong comes back as issues with line numbers. */
export function parseScript(text: string, file = 'script'): ParsedScript {
  const issue = (line: number, path: Path, message: string): ScriptIssue => {
    const dotted = path.map(String).join('.');
    return { line, path: dotted, message, text: `${file}:${line}: ${dotted === '' ? '' : `${dotted}: `}${message}` };
  };
  if (Buffer.byteLength(text) > maxScriptBytes) return { ok: false, issues: [issue(1, [], 'a script file may have 1 MB at most')] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  if (document.errors.length > 0) {
    return {
      ok: false,
      issues: document.errors.map((error) => issue(lines.linePos(error.pos[0]).line, [], `not valid YAML: ${error.message}`)),
    };
  }
  const data = readData(document);
  if (!data.ok) return { ok: false, issues: [issue(1, [], data.message)] };
  const parsed = scriptFileSchema.safeParse(data.value);
  if (parsed.success) {
    const { version, ...script } = parsed.data;
    return { ok: true, script, version };
  }
  const issues = parsed.error.issues.flatMap((found) =>
    messagesOf(found, document).map(({ path, message }) => issue(lineOf(document, lines, path), path, message)),
  );
  return { ok: false, issues: issues.toSorted((left, right) => left.line - right.line) };
}

type ReadData = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

function readData(document: Document): ReadData {
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: 100 }) };
  } catch (error) {
    // Aliases that multiply: a few lines can stand for gigabytes.
    return { ok: false, message: `not usable YAML: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function messagesOf(issue: z.core.$ZodIssue, document: Document): readonly { readonly path: Path; readonly message: string }[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
  const known = knownKeys(issue.path, document);
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: `unknown key "${key}"${didYouMean(key, known)}` }));
}

/** The keys that an object at this path may have. */
function knownKeys(path: Path, document: Document): readonly string[] {
  if (path.length === 0) return Object.keys(scriptFileSchema.shape);
  const kind = document.getIn([...path, 'kind']);
  const { options } = path.length === 2 ? stepSchema : detectorSchema;
  const shapes: readonly { readonly kind: { readonly value: string } }[] = options.map(({ shape }) => shape);
  return Object.keys(shapes.find((shape) => shape.kind.value === kind) ?? {});
}

/** The line of the node at `path`, or of the nearest one around it that exists. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

function offsetOf(document: Document, path: Path): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key);
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}
