/**
 * A query language of a few lines, for the shop's store of records: `select … from … where …`, `union select …`, `--`
 * comments. It reads tables in memory and can change nothing.
 */
export type Row = Readonly<Record<string, string>>;
export type Tables = Readonly<Record<string, readonly Row[]>>;

export type QueryResult =
  | { readonly ok: true; readonly rows: readonly (readonly string[])[] }
  | { readonly ok: false; readonly error: string };

const tokenPattern = /\s*(?:--.*$|'((?:[^']|'')*)'|(\|\||<>|[=(),?*])|([\w.@+-]+)|(\S))/gmy;

interface Token {
  readonly kind: 'text' | 'sign' | 'word';
  readonly value: string;
}

/** Runs a query; `values` take the places of its `?`, in order, and are never read as part of the query. */
export function runQuery(sql: string, tables: Tables, values: readonly string[] = []): QueryResult {
  try {
    return { ok: true, rows: new Query(tokensOf(sql), tables, [...values]).run() };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, error: error.message };
    throw error;
  }
}

function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (const [whole, text, sign, word, other] of sql.trim().matchAll(tokenPattern)) {
    if (other !== undefined) throw new SyntaxError(`unexpected ${other}`);
    if (text !== undefined) tokens.push({ kind: 'text', value: text.replaceAll("''", "'") });
    else if (sign !== undefined) tokens.push({ kind: 'sign', value: sign });
    else if (word !== undefined) tokens.push({ kind: 'word', value: word });
    else if (!whole.trimStart().startsWith('--')) throw new SyntaxError('unexpected end');
  }
  return tokens;
}

type Operand = (row: Row) => string;
type Condition = (row: Row) => boolean;

class Query {
  readonly #tokens: Token[];
  readonly #tables: Tables;
  readonly #values: string[];

  constructor(tokens: Token[], tables: Tables, values: string[]) {
    this.#tokens = tokens;
    this.#tables = tables;
    this.#values = values;
  }

  run(): readonly (readonly string[])[] {
    const rows = [...this.#select()];
    while (this.#takes('union')) rows.push(...this.#select());
    if (this.#tokens.length > 0) throw new SyntaxError(`unexpected ${this.#tokens[0]?.value ?? ''}`);
    return rows;
  }

  #select(): readonly (readonly string[])[] {
    this.#expect('select');
    const isAll = this.#takes('*');
    const columns = isAll ? [] : this.#list();
    const table = this.#takes('from') ? this.#table() : [{}];
    const condition = this.#takes('where') ? this.#anyOf() : () => true;
    return table.filter(condition).map((row) => (isAll ? Object.values(row) : columns.map((column) => column(row))));
  }

  #list(): readonly Operand[] {
    const operands = [this.#operand()];
    while (this.#takes(',')) operands.push(this.#operand());
    return operands;
  }

  #table(): readonly Row[] {
    const name = this.#next().value;
    const table = Object.hasOwn(this.#tables, name) ? this.#tables[name] : undefined;
    if (table === undefined) throw new SyntaxError(`no table ${name}`);
    return table;
  }

  #anyOf(): Condition {
    const left = this.#allOf();
    if (!this.#takes('or')) return left;
    const right = this.#anyOf();
    return (row) => left(row) || right(row);
  }

  #allOf(): Condition {
    const left = this.#comparison();
    if (!this.#takes('and')) return left;
    const right = this.#allOf();
    return (row) => left(row) && right(row);
  }

  #comparison(): Condition {
    const left = this.#operand();
    const isEqual = this.#takes('=');
    if (!isEqual) this.#expect('<>');
    const right = this.#operand();
    return (row) => (left(row) === right(row)) === isEqual;
  }

  #operand(): Operand {
    const first = this.#term();
    if (!this.#takes('||')) return first;
    const rest = this.#operand();
    return (row) => first(row) + rest(row);
  }

  #term(): Operand {
    const { kind, value } = this.#next();
    if (kind === 'text' || /^\d+$/.test(value)) return () => value;
    if (value === '?') {
      const bound = this.#values.shift() ?? '';
      return () => bound;
    }
    if (kind === 'sign') throw new SyntaxError(`unexpected ${value}`);
    return (row) => (Object.hasOwn(row, value) ? (row[value] ?? '') : '');
  }

  #next(): Token {
    const token = this.#tokens.shift();
    if (token === undefined) throw new SyntaxError('unexpected end');
    return token;
  }

  #takes(word: string): boolean {
    const [first] = this.#tokens;
    if (first === undefined || first.kind === 'text' || first.value.toLowerCase() !== word) return false;
    this.#tokens.shift();
    return true;
  }

  #expect(word: string): void {
    if (!this.#takes(word)) throw new SyntaxError(`expected ${word}`);
  }
}
