/** A token of Python source. `indent` counts the columns before the first token of its line. */
export interface PythonToken {
  readonly kind: 'name' | 'string' | 'number' | 'operator' | 'newline';
  /** Content of a string without its quotes and prefix; the written text of anything else. */
  readonly text: string;
  readonly isFormat: boolean;
  readonly indent: number;
}

/** Splits Python source into tokens in one pass; forgiving, never runs anything. Newlines inside brackets are dropped. */
export function tokenisePython(source: string): PythonToken[] {
  const tokens: PythonToken[] = [];
  let at = 0;
  let depth = 0;
  let indent = 0;
  let atLineStart = true;
  const push = (kind: PythonToken['kind'], text: string, isFormat = false): void => {
    tokens.push({ kind, text, isFormat, indent });
  };
  const word = /[A-Za-z_]\w*/y;
  const number = /\d[\w.]*/y;
  while (at < source.length) {
    const char = source[at] ?? '';
    if (char === '\n') {
      if (depth === 0 && tokens.at(-1)?.kind !== 'newline') push('newline', '\n');
      atLineStart = true;
      indent = 0;
      at += 1;
    } else if (char === ' ' || char === '\t' || char === '\r') {
      if (atLineStart) indent += char === '\t' ? 4 : 1;
      at += 1;
    } else if (char === '\\') at += 2;
    else if (char === '#') at = endOf(source, '\n', at);
    else {
      atLineStart = false;
      word.lastIndex = at;
      const name = word.exec(source)?.[0];
      const quoteAt = at + (name?.length ?? 0);
      const isString = (source[quoteAt] === '"' || source[quoteAt] === "'") && (name === undefined || /^[rRbBuUfF]{1,2}$/.test(name));
      if (isString) {
        const read = readString(source, quoteAt, /r/i.test(name ?? ''));
        push('string', read.text, /f/i.test(name ?? ''));
        at = read.end;
      } else if (name !== undefined) {
        push('name', name);
        at += name.length;
      } else {
        number.lastIndex = at;
        const digits = number.exec(source)?.[0];
        if (digits !== undefined) {
          push('number', digits);
          at += digits.length;
        } else {
          const pair = source.slice(at, at + 2);
          const operator = ['==', '!=', '<=', '>=', '+=', '-=', '*=', '**', '//', '->', ':='].includes(pair) ? pair : char;
          if ('([{'.includes(operator)) depth += 1;
          if (')]}'.includes(operator)) depth = Math.max(0, depth - 1);
          push('operator', operator);
          at += operator.length;
        }
      }
    }
  }
  push('newline', '\n');
  return tokens;
}

const escapes = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['\n', ''],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
]);

function readString(source: string, at: number, isRaw: boolean): { text: string; end: number } {
  const quote = source[at] ?? '"';
  const mark = source.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote;
  let text = '';
  let from = at + mark.length;
  while (from < source.length) {
    if (source.startsWith(mark, from)) return { text, end: from + mark.length };
    const char = source[from] ?? '';
    if (mark.length === 1 && char === '\n') break;
    if (char === '\\' && !isRaw) {
      const next = source[from + 1] ?? '';
      text += escapes.get(next) ?? `\\${next}`;
      from += 2;
    } else {
      text += char;
      from += 1;
    }
  }
  return { text, end: Math.min(from, source.length) };
}

function endOf(source: string, mark: string, from: number): number {
  const end = source.indexOf(mark, from);
  return end === -1 ? source.length : end;
}
