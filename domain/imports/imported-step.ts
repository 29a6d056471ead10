import type { SendPromptStep } from '../script.ts';
import type { Severity } from '../severity.ts';
import { literalTemplate } from './foreign-template.ts';

/** The most that a prompt of a script may have. */
export const maxPromptChars = 100_000;

/** What is advised where an imported prompt succeeds; of the weakness itself only its category is known. */
export const importRemediation =
  'Read what the agent answered. Where it did as it was asked, state in its instructions that requests of this kind are declined, ' +
  'enforce the limit in code where the request needs a tool, and import the set again as a regression test.';

/** The id of a step: the same for the same key (or, without one, the same prompt) in every import. */
export function importedStepId(row: { readonly prompt: string; readonly key?: string }, hash: (text: string) => string): string {
  return row.key === undefined ? `p-${hash(`prompt:${row.prompt}`).slice(0, 16)}` : `k-${hash(`key:${row.key}`).slice(0, 16)}`;
}

/** A step that sends an imported prompt, and takes compliance as the weakness. */
export function importedStep(row: {
  readonly id: string;
  readonly prompt: string;
  readonly title?: string;
  readonly category: string;
  readonly severity: Severity;
}): SendPromptStep {
  return {
    id: row.id,
    title: oneLine(row.title ?? row.prompt, 80),
    kind: 'send_prompt',
    category: row.category,
    severity: row.severity,
    evidence: 'answer',
    prompt: literalTemplate(row.prompt),
    detectors: [{ kind: 'compliance' }],
    remediation: importRemediation,
  };
}

/** The beginning of a text on one line, without characters that a terminal would act on. */
export function oneLine(text: string, maxChars: number): string {
  const line = text
    .slice(0, maxChars * 4)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  const shown = Array.from(line);
  if (shown.length === 0) return '(no visible text)';
  return shown.length <= maxChars ? line : `${shown.slice(0, maxChars - 1).join('')}…`;
}
