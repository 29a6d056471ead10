import { CommanderError } from 'commander';

import { OrdealError } from '../domain/failures.ts';
import { ApiProblemError, ApiUnreachableError } from './api-errors.ts';
import { printable, printableLine } from './printable.ts';

/** What went wrong, as a person reads it: what happened, which field, and where to look further. Never a stack. */
export function describeError(error: unknown): string {
  if (error instanceof ApiProblemError) return describeProblem(error);
  if (error instanceof ApiUnreachableError)
    return `error: ${printable(error.message)}\n  Is it running? \`npm start\` starts it; ORDEAL_URL says where it is.\n`;
  if (error instanceof OrdealError) {
    return [`error: ${printable(error.message)}`, ...error.issues.map(({ field, message }) => `  ${field}: ${message}`), ''].join('\n');
  }
  // Commander has told already what it does not like.
  if (error instanceof CommanderError) return '';
  return `error: ${printable(error instanceof Error ? error.message : String(error))}\n`;
}

function describeProblem({ problem }: ApiProblemError): string {
  const { title, status, detail, issues = [], requestId } = problem;
  return [
    `error: ${printableLine(title)} (${status})`,
    `  ${printable(detail)}`,
    ...issues.map(({ field, message }) => `  ${printableLine(field)}: ${printable(message)}`),
    ...(status === 401 ? ['  ORDEAL_API_KEY must be a key of this API.'] : []),
    `  request id: ${printableLine(requestId)}`,
    '',
  ].join('\n');
}
