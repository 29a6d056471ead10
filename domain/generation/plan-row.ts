import type { StepDefinition } from '../script.ts';

/** One row of the plan of a run, as its hash covers it. Neither the run nor the probe is in it: the same plan has the same hash. */
export interface PlanRow {
  readonly sequenceNo: number;
  readonly position: number;
  readonly scriptSlug: string;
  readonly scriptVersion: number;
  readonly stepId: string;
  readonly variantNo: number;
  readonly style: string;
  readonly promptVariant: number;
  readonly strategy: string;
  readonly promptSource: string;
  readonly seed: string;
  /** SHA-256 of the step as it is planned, prompt and detectors included, as canonical JSON. */
  readonly stepDigest: string;
}

/** What is hashed of a row: its members as a JSON array. The plan hash is over the hashes of the rows, in order. */
export function planRowText(row: PlanRow): string {
  return JSON.stringify([
    row.sequenceNo,
    row.position,
    row.scriptSlug,
    row.scriptVersion,
    row.stepId,
    row.variantNo,
    row.style,
    row.promptVariant,
    row.strategy,
    row.promptSource,
    row.seed,
    row.stepDigest,
  ]);
}

/**
 * The prompt of a step whose request can be put otherwise; undefined for steps that are planned as they are: what stands in
 * a document or in a request of its own is no talk, and conversations vary by themselves.
 */
export function variedPromptOf(step: StepDefinition): string | undefined {
  return step.kind === 'send_prompt' ? step.prompt : undefined;
}

/** The step with another prompt. One that has none to vary stays as it is. */
export function withPrompt(step: StepDefinition, prompt: string): StepDefinition {
  return step.kind === 'send_prompt' ? { ...step, prompt } : step;
}
