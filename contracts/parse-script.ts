import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from '../domain/nearest-name.ts';
import type { ScriptDefinition } from '../domain/script.ts';
import { normaliseScript, type AliasNotice } from '../domain/steps/parameter-aliases.ts';
import { knownMembers } from './known-members.ts';
import { scriptFileSchema } from './script.ts';

/** One thing that is wrong in a script file, or worth a notice. */
export interface ScriptIssue {
  readonly line: number;
  /** Where in the data, such as `steps.2.prompt`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  /** All of it in one line: `file:line: path: message`. */
  readonly text: string;
}

export type ParsedScript =
  /** `notices`: what was taken although it is written in another way than documented. */
  | { readonly ok: true; readonly script: ScriptDefinition; readonly version: number; readonly notices: readonly ScriptIssue[] }
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
  const { value, notices } = normaliseScript(data.value);
  const at = (path: Path, message: string): ScriptIssue => {
    const given = givenPath(path, notices);
    return issue(lineOf(document, lines, given), given, message);
  };
  const parsed = scriptFileSchema.safeParse(value);
  if (parsed.success) {
    const { version, ...script } = parsed.data;
    return { ok: true, script, version, notices: notices.map(({ path, readAs }) => at(path, `is read as "${readAs}"`)) };
  }
  const issues = parsed.error.issues.flatMap((found) => messagesOf(found, value).map(({ path, message }) => at(path, message)));
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

function messagesOf(issue: z.core.$ZodIssue, value: unknown): readonly { readonly path: Path; readonly message: string }[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
  const known = knownMembers(scriptFileSchema, issue.path, value);
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: `unknown key "${key}"${didYouMean(key, known)}` }));
}

/** A path of the normalised script, by the names that the file has. */
function givenPath(path: Path, notices: readonly AliasNotice[]): Path {
  const given = new Map(notices.map((notice) => [[...notice.path.slice(0, -1), notice.readAs].join('.'), notice.given]));
  return path.map(
    (key, index) =>
      given.get(
        path
          .slice(0, index + 1)
          .map(String)
          .join('.'),
      ) ?? key,
  );
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
