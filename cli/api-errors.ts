import type { Problem } from '../contracts/problem.ts';

/** The API answered, and said no. */
export class ApiProblemError extends Error {
  readonly problem: Problem;
  readonly retryAfterMs: number | undefined;

  constructor(problem: Problem, retryAfterMs: number | undefined) {
    super(`${problem.title}: ${problem.detail}`);
    this.name = 'ApiProblemError';
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The API could not be reached, or what answered there is not the API. */
export class ApiUnreachableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ApiUnreachableError';
  }
}
