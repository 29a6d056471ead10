import { modelCallLedger } from '../db/models/model-call-ledger.ts';
import type { ProbeWork } from '../db/runs/hold-probe.ts';
import { failures, OrdealError } from '../domain/failures.ts';
import type { AskModelMove, AttackerCallEnd } from '../domain/steps/attack-move.ts';
import { EgressAborted } from '../runtime/egress/egress-fault.ts';
import type { StepDependencies } from './step-dependencies.ts';

/** A message of the length that is accepted, and the JSON around it. */
const maxOutputTokens = 4_096;
const firstDelayMs = 2_000;

/** Asks the attacker model one question. Comes to `null` when the signal ended it: nothing is known then. */
export async function askAttacker(
  deps: StepDependencies,
  work: ProbeWork,
  { request, signal }: AskModelMove & { readonly signal: AbortSignal },
): Promise<AttackerCallEnd | null> {
  const { orgId, runId, stepId, variantNo } = work.held;
  const probe = { runId, stepId, variantNo, tokensPerRun: deps.models.tokensPerRun };
  try {
    const model = deps.models.open('attacker', modelCallLedger(deps.database, { orgId, purpose: 'attacker', probe }));
    const answer = await model.complete({
      messages: [
        { role: 'system', content: request.system },
        { role: 'user', content: request.user },
      ],
      responseSchema: request.responseSchema,
      findProblem: request.findProblem,
      maxOutputTokens,
      signal,
    });
    return { kind: 'answered', text: answer.text, model: answer.model };
  } catch (error) {
    if (error instanceof EgressAborted) return null;
    if (!(error instanceof OrdealError) || !error.failure.startsWith('model_')) throw error;
    return { kind: 'failed', failure: error.failure, detail: error.message };
  }
}

/** How long to leave a model alone that is away: longer with each failure in a row. `null` when it need not be left alone. */
export function delayBeforeAskingAgain(calls: readonly AttackerCallEnd[]): number | null {
  const lastGood = calls.findLastIndex((call) => call.kind === 'answered');
  const failed = calls.at(-1);
  if (failed?.kind !== 'failed' || !failures[failed.failure].retryable) return null;
  return firstDelayMs * 2 ** (calls.length - lastGood - 2);
}
