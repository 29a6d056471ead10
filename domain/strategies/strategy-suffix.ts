import { plainStrategy } from './strategy.ts';

/** What tells a variant of a step from the others, after the title of the step: ` [base64]`, and nothing for the prompt as written. */
export function strategySuffix(strategy: string): string {
  return strategy === plainStrategy ? '' : ` [${strategy}]`;
}
