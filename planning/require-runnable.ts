import type { OrgTransaction } from '../db/with-org.ts';
import { OrdealError } from '../domain/failures.ts';
import { resolveAsked, type AskedRun } from './resolve-run.ts';

/** Throws for a schedule what its firings would all be refused for, with `run.` before the names of the fields. */
export async function requireRunnable(tx: OrgTransaction, asked: AskedRun): Promise<void> {
  try {
    await resolveAsked(tx, asked);
  } catch (error) {
    if (!(error instanceof OrdealError) || error.issues.length === 0) throw error;
    const issues = error.issues.map(({ field, message }) => ({ field: `run.${field}`, message }));
    throw new OrdealError(error.failure, issues.map(({ field, message }) => `${field} ${message}`).join('; '), { issues, cause: error });
  }
}
