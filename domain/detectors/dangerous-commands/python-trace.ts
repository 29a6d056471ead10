import { tokenisePython, type PythonToken } from './python-syntax.ts';

/** A call in Python source with its arguments as far as the text itself tells their values. */
export interface PythonCall {
  /** Dotted name with import aliases undone: `sp.run` after `import subprocess as sp` is `subprocess.run`. */
  readonly name: string;
  readonly args: readonly PythonArgument[];
  /** Index of its name in the tokens. */
  readonly at: number;
}

export interface PythonArgument {
  readonly keyword: string | null;
  /** Every constant string it may be; empty when only a run would tell. */
  readonly values: readonly string[];
  readonly tokens: readonly PythonToken[];
}

export interface PythonTrace {
  readonly tokens: readonly PythonToken[];
  readonly calls: readonly PythonCall[];
  readonly imports: ReadonlySet<string>;
  /** Constant strings that each name may hold. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

const maxCalls = 1_000;
const maxValues = 12;
const maxExpressionTokens = 200;
const maxValueChars = 2_048;

/** Finds the calls of a Python text, following imports, string constants, and constants passed to its own functions. */
export function tracePython(source: string): PythonTrace {
  const tokens = tokenisePython(source);
  const { aliases, imports } = readImports(tokens);
  const values = new Map<string, string[]>();
  const parameters = readParameters(tokens);
  let calls: PythonCall[] = [];
  // Twice: constants may be passed to functions that are written above the place where the constant is set.
  for (let pass = 0; pass < 2; pass += 1) {
    readAssignments(tokens, values, aliases);
    calls = readCalls(tokens, values, aliases);
    for (const call of calls) {
      parameters.get(call.name)?.forEach((name, index) => {
        for (const value of call.args[index]?.values ?? []) remember(values, name, value);
      });
    }
  }
  return { tokens, calls, imports, values };
}

function readImports(tokens: readonly PythonToken[]): { aliases: Map<string, string>; imports: Set<string> } {
  const aliases = new Map<string, string>();
  const imports = new Set<string>();
  for (let at = 0; at < tokens.length; at += 1) {
    const word = tokens[at]?.kind === 'name' ? tokens[at]?.text : undefined;
    if (word !== 'import' && word !== 'from') continue;
    const line: string[] = [];
    for (
      let next = at;
      next < tokens.length && tokens[next]?.kind !== 'newline' && tokens[next]?.text !== ';' && line.length < 60;
      next += 1
    )
      line.push(tokens[next]?.text ?? '');
    at += line.length - 1;
    const importAt = line.indexOf('import');
    if (importAt === -1) continue;
    const module = word === 'from' ? line.slice(1, importAt).join('') : '';
    for (const item of line
      .slice(importAt + 1)
      .filter((piece) => piece !== '(' && piece !== ')')
      .join(' ')
      .split(' , ')) {
      const [path = '', alias] = item.split(' as ');
      const full = `${module === '' ? '' : `${module}.`}${path.replaceAll(' ', '')}`;
      imports.add(full);
      imports.add(full.split('.')[0] ?? full);
      if (alias !== undefined) aliases.set(alias.trim(), full);
      else if (module !== '') aliases.set(path.trim(), full);
    }
  }
  return { aliases, imports };
}

function readParameters(tokens: readonly PythonToken[]): Map<string, string[]> {
  const parameters = new Map<string, string[]>();
  tokens.forEach((token, at) => {
    if (token.text !== 'def' || token.kind !== 'name') return;
    const end = closing(tokens, at + 2);
    const names = splitAt(tokens.slice(at + 3, end), ',').map((piece) => piece[0]?.text ?? '');
    parameters.set(
      tokens[at + 1]?.text ?? '',
      names.filter((name) => name !== 'self' && name !== ''),
    );
  });
  return parameters;
}

function readAssignments(tokens: readonly PythonToken[], values: Map<string, string[]>, aliases: ReadonlyMap<string, string>): void {
  let budget = maxCalls;
  for (let at = 0; at + 2 < tokens.length && budget > 0; at += 1) {
    const [target, equals] = [tokens[at], tokens[at + 1]];
    if (target?.kind !== 'name' || equals?.kind !== 'operator' || (equals.text !== '=' && equals.text !== 'in')) {
      if (!(target?.kind === 'name' && equals?.kind === 'name' && equals.text === 'in' && tokens[at - 1]?.text === 'for')) continue;
    }
    budget -= 1;
    let end = at + 2;
    for (let depth = 0; end < tokens.length; end += 1) {
      const text = tokens[end]?.kind === 'operator' ? tokens[end]?.text : '';
      if (tokens[end]?.kind === 'newline' || (depth === 0 && (text === ',' || text === ':' || text === ';' || text === ')'))) break;
      if (text === '(' || text === '[' || text === '{') depth += 1;
      if (text === ')' || text === ']' || text === '}') depth -= 1;
      if (end - at > maxExpressionTokens) break;
    }
    for (const value of evaluate(tokens.slice(at + 2, end), values, aliases)) remember(values, target?.text ?? '', value);
  }
}

function readCalls(
  tokens: readonly PythonToken[],
  values: ReadonlyMap<string, readonly string[]>,
  aliases: ReadonlyMap<string, string>,
): PythonCall[] {
  const calls: PythonCall[] = [];
  for (let at = 1; at < tokens.length && calls.length < maxCalls; at += 1) {
    if (tokens[at]?.text !== '(' || tokens[at]?.kind !== 'operator' || tokens[at - 1]?.kind !== 'name') continue;
    let start = at - 1;
    while (start >= 2 && tokens[start - 1]?.text === '.' && tokens[start - 2]?.kind === 'name' && at - start < 12) start -= 2;
    if (tokens[start - 1]?.text === 'def' || tokens[start - 1]?.text === 'class') continue;
    const path = tokens
      .slice(start, at)
      .map((token) => token.text)
      .join('');
    const isMethod = tokens[start - 1]?.text === '.';
    const end = Math.min(closing(tokens, at), at + 3 * maxExpressionTokens);
    const args = splitAt(tokens.slice(at + 1, end), ',').map((piece) => argument(piece, values, aliases));
    calls.push({ name: isMethod ? `.${path}` : undoAlias(path, aliases), args, at: start });
  }
  return calls;
}

function argument(
  tokens: readonly PythonToken[],
  values: ReadonlyMap<string, readonly string[]>,
  aliases: ReadonlyMap<string, string>,
): PythonArgument {
  const isKeyword = tokens[0]?.kind === 'name' && tokens[1]?.text === '=' && tokens[1].kind === 'operator';
  const body = isKeyword ? tokens.slice(2) : tokens;
  return { keyword: isKeyword ? (tokens[0]?.text ?? null) : null, values: evaluate(body, values, aliases), tokens: body };
}

/** The constant strings that an expression may be: literals, names, `+`, f-strings, lists, `os.path.join`, `.encode()`. */
function evaluate(
  tokens: readonly PythonToken[],
  values: ReadonlyMap<string, readonly string[]>,
  aliases: ReadonlyMap<string, string>,
): string[] {
  if (tokens.length === 0 || tokens.length > maxExpressionTokens) return [];
  const list = tokens[0]?.text === '[' || tokens[0]?.text === '(';
  if (list && tokens[0]?.kind === 'operator') {
    const pieces = splitAt(tokens.slice(1, closing(tokens, 0)), ',');
    const found = pieces.flatMap((piece) => evaluate(piece, values, aliases));
    return (pieces.length > 1 ? [...found, found.join(' ')] : found).slice(0, maxValues);
  }
  const path = tokens
    .slice(0, 5)
    .map((token) => (token.kind === 'string' ? '' : token.text))
    .join('');
  const name = undoAlias(/^[\w.]+(?=\()/.exec(path)?.[0] ?? '', aliases);
  if (/^(?:os\.path\.(?:join|abspath|normpath|expanduser|realpath)|pathlib\.(?:Pure)?(?:Posix)?Path|Path|str|bytes)$/.test(name)) {
    const open = tokens.findIndex((token) => token.text === '(' && token.kind === 'operator');
    const pieces = splitAt(tokens.slice(open + 1, closing(tokens, open)), ',').map((piece) => evaluate(piece, values, aliases)[0]);
    return pieces.includes(undefined) || pieces.length === 0
      ? []
      : [
          pieces.reduce<string>(
            (joined, piece) => (piece?.startsWith('/') ? piece : `${joined}${joined === '' ? '' : '/'}${piece ?? ''}`),
            '',
          ),
        ];
  }
  let found: string[] = [''];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.kind === 'string') found = append(found, token.isFormat ? fillFormat(token.text, values) : [token.text]);
    else if (token.kind === 'name') {
      const known = values.get(token.text);
      if (known === undefined) return [];
      found = append(found, known);
    } else if (token.text === '+' || token.text === '/') {
      if (token.text === '/') found = append(found, ['/']);
    } else if (token.text === '.' && /^(?:encode|decode|strip|format|lower)$/.test(tokens[at + 1]?.text ?? '')) break;
    else if (token.kind === 'number' || token.kind === 'operator' || token.kind === 'newline')
      return found[0] !== '' && token.text === '*' ? found : [];
  }
  return found[0] === '' && found.length === 1 ? [] : found;
}

function fillFormat(text: string, values: ReadonlyMap<string, readonly string[]>): string[] {
  return [text.replace(/\{(\w{1,64})\}/g, (_, name: string) => values.get(name)?.[0] ?? '\u0000')];
}

function append(heads: readonly string[], tails: readonly string[]): string[] {
  return heads.flatMap((head) => tails.map((tail) => (head + tail).slice(0, maxValueChars))).slice(0, maxValues);
}

function remember(values: Map<string, string[]>, name: string, value: string): void {
  const known = values.get(name);
  if (known === undefined) values.set(name, [value]);
  else if (known.length < maxValues && !known.includes(value)) known.push(value);
}

function undoAlias(path: string, aliases: ReadonlyMap<string, string>): string {
  const [first = '', ...rest] = path.split('.');
  const full = aliases.get(first);
  return full === undefined ? path : [full, ...rest].join('.');
}

/** Index of the bracket that closes the one at `open`. */
function closing(tokens: readonly PythonToken[], open: number): number {
  let depth = 0;
  const end = Math.min(tokens.length, open + 2_000);
  for (let at = open; at < end; at += 1) {
    if (tokens[at]?.kind !== 'operator') continue;
    const text = tokens[at]?.text ?? '';
    if (text === '(' || text === '[' || text === '{') depth += 1;
    if (text === ')' || text === ']' || text === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return end;
}

function splitAt(tokens: readonly PythonToken[], separator: string): PythonToken[][] {
  const pieces: PythonToken[][] = [];
  let piece: PythonToken[] = [];
  let depth = 0;
  for (const token of tokens) {
    const text = token.kind === 'operator' ? token.text : '';
    if (text === '(' || text === '[' || text === '{') depth += 1;
    if (text === ')' || text === ']' || text === '}') depth -= 1;
    if (depth === 0 && text === separator) {
      pieces.push(piece);
      piece = [];
    } else piece.push(token);
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces;
}
