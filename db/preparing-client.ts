import { createHash } from 'node:crypto';

import pg from 'pg';

/** Statements that are prepared at most, for each connection; what comes later is sent unprepared. */
const maxStatements = 500;
const names = new Map<string, string>();

/**
 * A client that lets PostgreSQL keep the plan of a statement: the statements of a step are the same thousands of
 * times, and planning them costs as much as running them.
 */
export class PreparingClient extends pg.Client {
  /** Kysely calls only this form; every other one is passed on as it is. */
  override query(...args: unknown[]): never {
    const [text, values] = args;
    const isPlain = args.length === 2 && typeof text === 'string' && Array.isArray(values) && values.length > 0;
    const query = super.query.bind(this) as (...forwarded: unknown[]) => never;
    const name = isPlain ? statementName(text) : undefined;
    return name === undefined ? query(...args) : query({ name, text, values });
  }
}

function statementName(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= maxStatements) return known;
  const name = createHash('sha256').update(text).digest('hex').slice(0, 32);
  names.set(text, name);
  return name;
}
