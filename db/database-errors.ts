import { OrdealError } from '../domain/failures.ts';

/** SQLSTATE classes and codes that say "not now": connection lost, shutting down, starting up, out of connections. */
const unavailableCodes = /^(08|57P0[1-5]|53)/;
const unavailableSyscalls = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOENT', 'EAI_AGAIN', 'ENOTFOUND']);
/** A statement or a pause between two took too long; a deadlock, of which PostgreSQL ends one side. */
const busyCodes = new Set(['57014', '25P03', '40P01']);
/** What the client says that waits no longer for an answer. */
const busyMessage = /query read timeout/i;
const unavailableMessages =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|not queryable/i;

/** Gives a database that is lost, or too busy, its name; leaves every other error as it is. */
export function translateDatabaseError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (isUnavailable(error)) return unavailable('PostgreSQL cannot be reached. Nothing was lost: try again.', error);
  if (isBusy(error)) return unavailable('PostgreSQL could not do this in time. Nothing was lost: try again.', error);
  return error;
}

function unavailable(message: string, cause: Error): OrdealError {
  return new OrdealError('database_unavailable', message, { cause, retryAfterSeconds: 2 });
}

function isBusy(error: Error): boolean {
  const { code } = error as { code?: unknown };
  return (typeof code === 'string' && busyCodes.has(code)) || busyMessage.test(error.message);
}

function isUnavailable(error: Error): boolean {
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string' && (unavailableCodes.test(code) || unavailableSyscalls.has(code))) return true;
  return unavailableMessages.test(error.message);
}
