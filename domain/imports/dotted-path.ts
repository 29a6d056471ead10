const firstName = /^[A-Za-z_$][\w$]*/;
// A part after the root: .name, ?.name, [0], ?.[0], ['name'], ["name"].
const nextPart = /^(?:\?\.|\.)?\[\s*(?:(\d{1,9})|'([^'\\\]]*)'|"([^"\\\]]*)")\s*\]|^\??\.([A-Za-z_$][\w$]*)/;

/**
 * The JSONPath of a JavaScript expression that only walks down from `root`, such as `json.choices[0].text`; undefined
 * for any other expression. The text is read by its form alone and never run.
 */
export function dottedPathToJsonPath(expression: string, root: string): string | undefined {
  const parts = dottedPathParts(expression);
  if (parts === undefined || parts[0] !== root) return undefined;
  return jsonPathOf(parts.slice(1));
}

/** The names and positions of such an expression, its root first; undefined when it is anything else. */
export function dottedPathParts(expression: string): readonly (string | number)[] | undefined {
  const text = expression.trim().replace(/;$/, '').trimEnd();
  const root = firstName.exec(text)?.[0];
  if (root === undefined || text.length > 500) return undefined;
  const parts: (string | number)[] = [root];
  let rest = text.slice(root.length);
  while (rest !== '') {
    const match = nextPart.exec(rest);
    if (match === null) return undefined;
    const [whole, position, single, double, name] = match;
    parts.push(position === undefined ? (single ?? double ?? name ?? '') : Number(position));
    rest = rest.slice(whole.length);
  }
  return parts;
}

/** A normal JSONPath through these names and positions. */
export function jsonPathOf(parts: readonly (string | number)[]): string {
  return `$${parts.map(jsonPathPart).join('')}`;
}

function jsonPathPart(part: string | number): string {
  if (typeof part === 'number') return `[${part}]`;
  return /^[A-Za-z_]\w*$/.test(part) ? `.${part}` : `['${part.replace(/[\\']/g, '\\$&')}']`;
}
