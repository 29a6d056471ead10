import type { Problem } from '../contracts/problem.ts';
import { failures, OrdealError } from '../domain/failures.ts';
import type { Reply } from './reply.ts';

export const problemContentType = 'application/problem+json';

/** Any thrown value as an OrdealError. What is not one of ours is `internal`, and tells the client nothing. */
export function toOrdealError(error: unknown): OrdealError {
  if (error instanceof OrdealError) return error;
  if (error instanceof URIError)
    return new OrdealError('invalid_request', 'The path holds a % that is not followed by two hexadecimal digits.', { cause: error });
  return new OrdealError('internal', 'The request could not be completed. The log of the API tells more under this requestId.', {
    cause: error,
  });
}

/** A failure as RFC 9457 has it. */
export function problemReply(
  error: OrdealError,
  request: { readonly path: string; readonly requestId: string },
): Reply & { readonly kind: 'json' } {
  const { status, title } = failures[error.failure];
  const problem: Problem = {
    type: `urn:ordeal:problem:${error.failure}`,
    title,
    status,
    detail:
      error.failure === 'internal'
        ? 'The request could not be completed. The log of the API tells more under this requestId.'
        : error.message,
    instance: request.path,
    requestId: request.requestId,
    ...error.members,
    ...(error.issues.length > 0 ? { issues: error.issues.map(({ field, message }) => ({ field, message })) } : {}),
  };
  const retryAfterSeconds = error.retryAfterSeconds ?? (status === 503 ? 2 : undefined);
  return {
    kind: 'json',
    status,
    text: JSON.stringify(problem),
    headers: {
      ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }),
      ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    },
  };
}
