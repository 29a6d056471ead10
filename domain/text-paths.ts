import { jsonPathOf } from './imports/dotted-path.ts';
import type { JsonValue } from './target.ts';

export interface TextPath {
  /** JSONPath. */
  readonly path: string;
  readonly text: string;
}

const maxVisited = 5_000;

/**
 * Where texts stand in a JSON document, those first that `wanted`, a path which leads to nothing, most likely meant: the
 * same last name, then a similar start, then names that answers usually have, then long texts.
 */
export function nearestTextPaths(document: JsonValue, wanted: string, maxPaths: number): readonly TextPath[] {
  const wantedNames = namesOf(wanted);
  return textPaths(document)
    .map((found) => ({ found, score: likeness(found, wantedNames) }))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, maxPaths)
    .map(({ found: { names, text } }) => ({ path: names.length === 0 ? '$' : jsonPathOf(names), text }));
}

interface FoundText {
  readonly names: readonly (string | number)[];
  readonly text: string;
}

/** Breadth first, so that what a huge document hides behind the bound is what lies deepest. */
function textPaths(document: JsonValue): readonly FoundText[] {
  const found: FoundText[] = [];
  const queue: { names: readonly (string | number)[]; value: JsonValue }[] = [{ names: [], value: document }];
  for (let visited = 0; visited < queue.length && visited < maxVisited; visited += 1) {
    const { names, value } = queue[visited] ?? { names: [], value: null };
    if (typeof value === 'string') found.push({ names, text: value });
    if (typeof value !== 'object' || value === null) continue;
    const members = Array.isArray(value) ? value.map((member, index) => [index, member] as const) : Object.entries(value);
    for (const [name, member] of members.slice(0, maxVisited)) queue.push({ names: [...names, name], value: member as JsonValue });
  }
  return found;
}

const usualNames = ['content', 'text', 'message', 'reply', 'answer', 'response', 'output', 'result', 'completion'];

function likeness({ names, text }: FoundText, wanted: readonly string[]): number {
  const own = names.filter((name) => typeof name === 'string').map((name) => name.toLowerCase());
  const last = own.at(-1) ?? '';
  const sameLast = last !== '' && last === wanted.at(-1) ? 8 : 0;
  const shared = own.filter((name) => wanted.includes(name)).length;
  const usual = usualNames.includes(last) ? 3 : 0;
  const looksSaid = /\s/.test(text.trim()) ? 2 : 0;
  return sameLast + shared + usual + looksSaid + Math.min(text.length, 1_000) / 1_000;
}

function namesOf(path: string): readonly string[] {
  return (path.match(/[\p{L}\p{N}_-]+/gu) ?? []).filter((name) => !/^\d+$/.test(name)).map((name) => name.toLowerCase());
}
