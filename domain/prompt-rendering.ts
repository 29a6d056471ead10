import { probeCanary, promptVariables, sessionMarker } from './canary.ts';
import type { PromptPart } from './strategies/prompt-part.ts';
import { applyStrategy } from './strategies/strategies.ts';
import { renderTemplateParts, type PromptVariables } from './template.ts';

/** A digest of these parts in hex: the same parts give the same one on every machine. */
export type Digest = (...parts: readonly string[]) => string;

/** What the values in a prompt are derived from. */
export interface PromptIdentity {
  readonly runId: string;
  readonly scriptSlug: string;
  readonly stepId: string;
  readonly variantNo: number;
  readonly strategy: string;
  readonly seed: string;
}

/** The session that a prompt is sent in. */
export interface PromptSession {
  readonly sequenceNo: number;
  /** From 1. */
  readonly sessionNo: number;
}

type Prompted = PromptIdentity & PromptSession;

/** A text as its strategy words it: the same in every attempt, on every machine, and before it is sent. */
export function renderProbePrompt(template: string, probe: Prompted, digest: Digest): string {
  const parts = promptPartsOf(template, promptVariablesOf(probe, digest));
  return applyStrategy(probe.strategy, parts, { seed: strategySeed(probe, digest) });
}

/** A template with what stands for a variable told from the rest. */
export function promptPartsOf(template: string, variables: PromptVariables): readonly PromptPart[] {
  return renderTemplateParts(template, variables).map(({ text, isValue }) => ({ kind: isValue ? 'kept' : 'prose', text }));
}

export function promptVariablesOf(probe: Prompted, digest: Digest): PromptVariables {
  return promptVariables({
    canary: canaryOfProbe(probe, digest),
    session: clientSessionId(probe, digest),
    marker: sessionMarker(digest(probe.runId, String(probe.sequenceNo))),
  });
}

/** The token of a probe that no prompt spells out. */
export function canaryOfProbe({ runId, stepId, variantNo }: PromptIdentity, digest: Digest): string {
  return probeCanary(digest('canary', runId, stepId, String(variantNo)));
}

export function clientSessionId({ runId, sequenceNo, sessionNo }: Pick<PromptIdentity, 'runId'> & PromptSession, digest: Digest): string {
  const again = sessionNo === 1 ? [] : [String(sessionNo)];
  return `ordeal-${digest('session', runId, String(sequenceNo), ...again).slice(0, 24)}`;
}

/** Not of the run: a later run of the same plan makes the same choices, so that the two can be compared. */
export function strategySeed({ seed, scriptSlug, stepId, strategy }: PromptIdentity, digest: Digest): string {
  return digest('strategy', seed, scriptSlug, stepId, strategy);
}
