import { pooledPromptsNeeded, isAsWritten, type Variety, type Way } from '../../domain/generation/variety.ts';
import { planRowHash } from '../../domain/generation/plan-hash.ts';
import { variedPromptOf, withPrompt, type PlanRow } from '../../domain/generation/plan-row.ts';
import type { StepDefinition } from '../../domain/script.ts';
import { stepUnder } from '../../domain/strategies/step-under.ts';
import { canonicalJson } from '../../runtime/canonical-json.ts';
import { sha256Hex } from '../../runtime/sha256.ts';
import { poolKey, type ChosenPrompts, type PromptGoal, type PromptWant } from '../prompt-pool/pool-prompt.ts';

export interface PlannedScript {
  readonly slug: string;
  readonly version: number;
  readonly definition: { readonly title: string; readonly steps: readonly StepDefinition[] };
}

/** What a run shows of a script that it runs; the column `runs.scripts` is a list of these. */
export interface ScriptSummary {
  readonly slug: string;
  readonly version: number;
  readonly title: string;
  readonly steps: number;
}

/** A probe as it is stored, but for its id. */
export interface PlannedProbe extends PlanRow {
  readonly step: StepDefinition;
}

/** One script in one way: a session with the target. */
export interface ScriptInstance {
  readonly sequenceNo: number;
  readonly script: PlannedScript;
  readonly way: Way;
}

/**
 * Every instance of a run, in order: way by way, and script by script. A script without a prompt to vary is planned only in
 * the ways that send prompts as written: it would be the same again in the others. One without a step for the strategy of a way
 * is not planned in it.
 */
export function planInstances(scripts: readonly PlannedScript[], ways: readonly Way[]): readonly ScriptInstance[] {
  const varied = new Map(
    scripts.map((script) => [script.slug, script.definition.steps.some((step) => variedPromptOf(step) !== undefined)]),
  );
  return ways
    .flatMap((way) =>
      scripts
        .filter((script) => isAsWritten(way) || varied.get(script.slug) === true)
        .filter((script) => script.definition.steps.some((step) => stepUnder(way.strategy, step) !== null))
        .map((script) => ({ script, way })),
    )
    .map((instance, sequenceNo) => ({ sequenceNo, ...instance }));
}

/** What these scripts need of the pools, in all the run's styles. */
export function promptWantsOf(scripts: readonly PlannedScript[], { intensity, styles }: Variety): PromptWant[] {
  const goals = scripts.flatMap((script) => script.definition.steps.flatMap((step) => goalOf(script.slug, step) ?? []));
  return styles.flatMap((style) => {
    const count = pooledPromptsNeeded(intensity, style);
    return count === 0 ? [] : goals.map((goal) => ({ goal, style, count }));
  });
}

/** How many prompts of pools a plan takes. */
export function countPooledPrompts(scripts: readonly PlannedScript[], { intensity, styles }: Variety): number {
  const goals = scripts.reduce(
    (sum, script) => sum + script.definition.steps.filter((step) => variedPromptOf(step) !== undefined).length,
    0,
  );
  return goals * styles.reduce((sum, style) => sum + pooledPromptsNeeded(intensity, style), 0);
}

/** The probes of one instance, with the prompts that were chosen for it. */
export function probesOf({ sequenceNo, script, way }: ScriptInstance, chosen: ChosenPrompts, seed: string): PlannedProbe[] {
  const planned = script.definition.steps.flatMap((written) => {
    const pooled = isAsWritten(way) ? undefined : pooledPromptFor(written, { script, way, chosen });
    const step = stepUnder(way.strategy, pooled === undefined ? written : withPrompt(written, pooled.prompt));
    return step === null ? [] : [{ step, pooled }];
  });
  return planned.map(({ step, pooled }, position) => {
    return {
      sequenceNo,
      position,
      scriptSlug: script.slug,
      scriptVersion: script.version,
      stepId: step.id,
      variantNo: way.variantNo,
      style: way.style,
      promptVariant: way.promptVariant,
      strategy: way.strategy,
      promptSource: pooled?.source ?? 'script',
      seed: pooled?.seed ?? seed,
      stepDigest: stepDigest(step),
      step,
    };
  });
}

/** Digest of a step as it is planned: any change of its prompt, its detectors or anything else gives another one. */
export function stepDigest(step: unknown): string {
  return sha256Hex(canonicalJson(step));
}

export function hashOfProbe(probe: PlanRow): string {
  return planRowHash(probe, sha256Hex);
}

function pooledPromptFor(step: StepDefinition, { script, way, chosen }: { script: PlannedScript; way: Way; chosen: ChosenPrompts }) {
  const goal = goalOf(script.slug, step);
  if (goal === undefined) return undefined;
  const offset = way.promptVariant - (pooledPromptsNeeded('low', way.style) === 0 ? 2 : 1);
  const prompt = chosen.get(poolKey({ goal, style: way.style }))?.[offset];
  if (prompt === undefined)
    throw new RangeError(`No prompt was chosen for variant ${way.promptVariant} of ${step.id} in style ${way.style}`);
  return prompt;
}

function goalOf(scriptSlug: string, step: StepDefinition): PromptGoal | undefined {
  const prompt = variedPromptOf(step);
  return prompt === undefined
    ? undefined
    : { digest: sha256Hex(JSON.stringify([scriptSlug, step.id, prompt])), scriptSlug, stepId: step.id, prompt };
}
