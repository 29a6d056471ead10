import { OrdealError } from '../domain/failures.ts';

/** SQLSTATE classes and codes that say "not now": connection lost, shutting down, starting up, out of connections. */
const unavailableCodes = /^(08|57P0[1-5]|53)/;
const unavailableSyscalls = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOENT', 'EAI_AGAIN', 'ENOTFOUND']);
const unavailableMessages =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|not queryable/i;

/** Gives a lost database its name; leaves every other error as it is. */
export function translateDatabaseError(error: unknown): unknown {
  if (!(error instanceof Error) || !isUnavailable(error)) return error;
  return new OrdealError('database_unavailable', 'PostgreSQL cannot be reached. Nothing was lost: try again.', {
    cause: error,
    retryAfterSeconds: 2,
  });
}

function isUnavailable(error: Error): boolean {
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && (unavailableCodes.test(code) || unavailableSyscalls.has(code))) return true;
  return unavailableMessages.test(error.message);
}
