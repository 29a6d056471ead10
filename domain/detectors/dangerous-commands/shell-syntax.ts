/**
 * A reader of shell commands for analysis: it splits text into simple commands with their words, redirections and
 * pipes, keeps what is quoted apart from what is not, and never runs anything. It is forgiving: text that no shell
 * would take still gives words. One pass, time proportional to the text times the depth of nesting (at most 6).
 */
export interface ShellWord {
  readonly parts: readonly ShellPart[];
}

export type ShellPart =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'variable'; readonly name: string; readonly quoted: boolean }
  | { readonly kind: 'command'; readonly program: ShellProgram };

export interface ShellRedirect {
  readonly operator: string;
  readonly target: ShellWord;
}

export interface ShellCommand {
  readonly words: readonly ShellWord[];
  readonly redirects: readonly ShellRedirect[];
  /** True when it reads the output of the command before it. */
  readonly isPiped: boolean;
  /** Name of the function whose body it is part of. */
  readonly inFunction: string | null;
  /** Body of a here-document or here-string on its input. */
  readonly input: string | null;
}

export interface ShellProgram {
  readonly commands: readonly ShellCommand[];
}

const maxDepth = 6;
const operators = [
  '<<<',
  '<<-',
  '&>>',
  '<<',
  '>>',
  '&>',
  '>&',
  '>|',
  '<>',
  '&&',
  '||',
  ';;',
  '|&',
  '<(',
  '>(',
  '|',
  '&',
  ';',
  '<',
  '>',
  '(',
  ')',
  '\n',
];
const redirectOperators = new Set(['>>', '>', '>|', '<', '<>', '&>', '&>>', '>&', '<<<', '<<', '<<-']);

/** Reads shell text into the simple commands it is made of. */
export function parseShell(text: string, depth = 0): ShellProgram {
  return new ShellReader(text, depth).read();
}

class ShellReader {
  readonly #text: string;
  readonly #depth: number;
  #at = 0;
  readonly #commands: ShellCommand[] = [];
  #words: ShellWord[] = [];
  #redirects: ShellRedirect[] = [];
  #input: string | null = null;
  #isPiped = false;
  #braces: (string | null)[] = [];
  #pendingFunction: string | null = null;
  #heredocs: string[] = [];

  constructor(text: string, depth: number) {
    this.#text = text;
    this.#depth = depth;
  }

  read(): ShellProgram {
    while (this.#at < this.#text.length) {
      if (this.#skipBlank()) continue;
      const operator = this.#operator();
      if (operator === null) this.#readWord();
      else this.#takeOperator(operator);
    }
    this.#endCommand(false);
    return { commands: this.#commands };
  }

  #skipBlank(): boolean {
    const char = this.#text[this.#at];
    if (char === ' ' || char === '\t' || char === '\r') this.#at += 1;
    else if (char === '\\' && this.#text[this.#at + 1] === '\n') this.#at += 2;
    else if (char === '#' && (this.#at === 0 || /[\s;&|(]/.test(this.#text[this.#at - 1] ?? ''))) {
      const end = this.#text.indexOf('\n', this.#at);
      this.#at = end === -1 ? this.#text.length : end;
    } else return false;
    return true;
  }

  #operator(): string | null {
    const char = this.#text[this.#at] ?? '';
    if (!'|&;<>()\n'.includes(char)) return null;
    return operators.find((operator) => this.#text.startsWith(operator, this.#at)) ?? null;
  }

  #takeOperator(operator: string): void {
    this.#at += operator.length;
    if (redirectOperators.has(operator)) return this.#readRedirect(operator);
    if (operator === '<(' || operator === '>(') {
      const end = matchingEnd(this.#text, this.#at, ')');
      this.#words.push({ parts: [this.#nested(this.#text.slice(this.#at, end))] });
      this.#at = end + 1;
      return;
    }
    const first = this.#words[0];
    if (operator === '(' && this.#words.length <= 2 && first !== undefined) {
      const name = plainText(this.#words.at(-1)) ?? '';
      if (/^[\w-]+$/.test(name) && /^\s*\)/.test(this.#text.slice(this.#at, this.#at + 16))) {
        this.#at = this.#text.indexOf(')', this.#at) + 1;
        this.#pendingFunction = name;
        this.#words = [];
        return;
      }
    }
    this.#endCommand(operator === '|' || operator === '|&');
    if (operator === '\n' && this.#heredocs.length > 0) this.#readHeredocs();
  }

  #readRedirect(operator: string): void {
    const last = plainText(this.#words.at(-1));
    if (last !== null && /^\d$/.test(last) && this.#text[this.#at - operator.length - 1] === last) this.#words.pop();
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at += 1;
    if (operator === '>&' && /\d|-/.test(this.#text[this.#at] ?? '')) {
      this.#at += 1;
      return;
    }
    const word = this.#word();
    if (operator === '<<<') this.#input = wordText(word);
    else if (operator === '<<' || operator === '<<-') this.#heredocs.push(wordText(word));
    else this.#redirects.push({ operator, target: word });
  }

  /** The bodies of here-documents follow the line that names them; they belong to the command just ended. */
  #readHeredocs(): void {
    for (const mark of this.#heredocs.splice(0)) {
      const lines: string[] = [];
      while (this.#at < this.#text.length) {
        const end = this.#text.indexOf('\n', this.#at);
        const line = this.#text.slice(this.#at, end === -1 ? this.#text.length : end);
        this.#at = end === -1 ? this.#text.length : end + 1;
        if (line.trim() === mark) break;
        lines.push(line);
      }
      const owner = this.#commands.pop();
      if (owner !== undefined) this.#commands.push({ ...owner, input: lines.join('\n') });
    }
  }

  #readWord(): void {
    const word = this.#word();
    const text = plainText(word);
    if (this.#words.length === 0 && text === '{') {
      this.#braces.push(this.#pendingFunction ?? this.#braces.at(-1) ?? null);
      this.#pendingFunction = null;
    } else if (this.#words.length === 0 && text === '}') {
      this.#braces.pop();
    } else if (text === '{' && plainText(this.#words[0]) === 'function') {
      this.#braces.push(plainText(this.#words[1]) ?? null);
      this.#words = [];
    } else this.#words.push(word);
  }

  #endCommand(isPipe: boolean): void {
    if (this.#words.length === 2 && plainText(this.#words[0]) === 'function') {
      this.#pendingFunction = plainText(this.#words[1]);
      this.#words = [];
    }
    if (this.#words.length > 0 || this.#redirects.length > 0) {
      this.#commands.push({
        words: this.#words,
        redirects: this.#redirects,
        isPiped: this.#isPiped,
        inFunction: this.#braces.at(-1) ?? null,
        input: this.#input,
      });
      this.#isPiped = isPipe;
    }
    this.#words = [];
    this.#redirects = [];
    this.#input = null;
  }

  #word(): ShellWord {
    const parts: ShellPart[] = [];
    let plain = '';
    const flush = (): void => {
      if (plain !== '') parts.push({ kind: 'text', text: plain, quoted: false });
      plain = '';
    };
    const start = this.#at;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] ?? '';
      if (char === '(' && plain.endsWith('=')) {
        this.#at += 1;
        continue;
      }
      if (/[\s|&;<>()]/.test(char)) break;
      if (char === '\\') {
        plain += this.#text[this.#at + 1] === '\n' ? '' : (this.#text[this.#at + 1] ?? '');
        this.#at += 2;
      } else if (char === "'") {
        flush();
        const end = endOf(this.#text, "'", this.#at + 1);
        parts.push({ kind: 'text', text: this.#text.slice(this.#at + 1, end), quoted: true });
        this.#at = end + 1;
      } else if (char === '"') {
        flush();
        this.#at += 1;
        this.#quoted(parts);
      } else if (char === '$' || char === '`') {
        flush();
        this.#expansion(parts, false);
      } else {
        plain += char;
        this.#at += 1;
      }
    }
    flush();
    if (this.#at === start) this.#at += 1;
    return { parts };
  }

  #quoted(parts: ShellPart[]): void {
    let text = '';
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      const char = this.#text[this.#at] ?? '';
      if (char === '\\') {
        const next = this.#text[this.#at + 1] ?? '';
        text += '"\\$`'.includes(next) ? next : `\\${next}`;
        this.#at += 2;
      } else if (char === '$' || char === '`') {
        if (text !== '') parts.push({ kind: 'text', text, quoted: true });
        text = '';
        this.#expansion(parts, true);
      } else {
        text += char;
        this.#at += 1;
      }
    }
    this.#at += 1;
    parts.push({ kind: 'text', text, quoted: true });
  }

  #expansion(parts: ShellPart[], quoted: boolean): void {
    const rest = this.#text.slice(this.#at, this.#at + 120);
    if (rest.startsWith('`')) {
      const end = endOf(this.#text, '`', this.#at + 1);
      parts.push(this.#nested(this.#text.slice(this.#at + 1, end)));
      this.#at = end + 1;
    } else if (rest.startsWith('$((')) {
      const end = matchingEnd(this.#text, this.#at + 2, ')');
      parts.push({ kind: 'text', text: this.#text.slice(this.#at, end + 1), quoted: true });
      this.#at = end + 1;
    } else if (rest.startsWith('$(')) {
      const end = matchingEnd(this.#text, this.#at + 2, ')');
      parts.push(this.#nested(this.#text.slice(this.#at + 2, end)));
      this.#at = end + 1;
    } else if (rest.startsWith('${')) {
      const end = endOf(this.#text, '}', this.#at + 2);
      const name = /^[#!]?(\w+|[@*#?])/.exec(this.#text.slice(this.#at + 2, Math.min(end, this.#at + 80)))?.[1] ?? '';
      parts.push({ kind: 'variable', name, quoted });
      this.#at = end + 1;
    } else {
      const name = /^\$(\w+|[@*#?$!-])/.exec(rest)?.[1];
      // `$10` is the first argument and a zero.
      const known = name !== undefined && /^\d/.test(name) ? name.slice(0, 1) : name;
      parts.push(known === undefined ? { kind: 'text', text: '$', quoted } : { kind: 'variable', name: known, quoted });
      this.#at += 1 + (known?.length ?? 0);
    }
  }

  #nested(text: string): ShellPart {
    return this.#depth >= maxDepth
      ? { kind: 'text', text: '', quoted: true }
      : { kind: 'command', program: parseShell(text, this.#depth + 1) };
  }
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end === -1 ? text.length : end;
}

/** Index of the bracket that closes the one before `from`, past quotes; the end of the text when none does. */
function matchingEnd(text: string, from: number, close: ')'): number {
  let depth = 1;
  let quote = '';
  for (let at = from; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '\\') at += 1;
    else if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === "'" || char === '"') quote = char;
    else if (char === '(') depth += 1;
    else if (char === close) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return text.length;
}

/** The text of a word that has no expansion, else null. */
export function plainText(word: ShellWord | undefined): string | null {
  if (word === undefined) return null;
  return word.parts.every((part) => part.kind === 'text') ? wordText(word) : null;
}

function wordText(word: ShellWord): string {
  return word.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
}
