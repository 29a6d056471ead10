import { setTimeout as sleep } from 'node:timers/promises';

import { countJudgeCalls } from '../db/models/count-judge-calls.ts';
import { modelCallLedger } from '../db/models/model-call-ledger.ts';
import { findOpinion } from '../db/models/find-opinion.ts';
import { insertOpinion } from '../db/models/insert-opinion.ts';
import type { ProbeWork } from '../db/runs/hold-probe.ts';
import { withOrg } from '../db/with-org.ts';
import { failures, OrdealError } from '../domain/failures.ts';
import type { JudgeQuestion } from '../domain/judge.ts';
import { framingVersion } from '../domain/model-judge/frame-judgement.ts';
import type { JudgeResult } from '../domain/model-judge/opinion.ts';
import { askJudge } from '../runtime/model/ask-judge.ts';
import type { ChatModel } from '../runtime/model/chat-model.ts';
import { persist } from './persist.ts';
import type { StepDependencies } from './step-dependencies.ts';

/** How often the chain of models is asked for one probe; counted in the ledger, so that a worker that dies counts too. */
const maxRounds = 3;
const pausesMs = [2_000, 8_000];
const longestPauseMs = 30_000;
/** Questions to judges that one worker has in flight. */
const concurrency = 8;
/** What a model was paid for is worth waiting for the database for. */
const recordPatienceMs = 120_000;

/**
 * What the judge says of a probe: what is stored, or what it says now. A judge that cannot be reached is asked again, a bounded
 * number of times; its fault is then the result. Rejects when `signal` ends it, and nothing is stored.
 */
export async function obtainOpinion(
  deps: StepDependencies,
  work: ProbeWork,
  request: JudgeQuestion & { readonly signal: AbortSignal },
): Promise<JudgeResult> {
  const { held } = work;
  const known = await withOrg(deps.database, held.orgId, async (tx) => ({
    opinion: await findOpinion(tx, held),
    rounds: await countJudgeCalls(tx, held),
  }));
  if (known.opinion !== undefined) return known.opinion;
  const result = await askInRounds(deps, work, { ...request, roundsBefore: known.rounds });
  const options = { database: deps.database, orgId: held.orgId, patienceMs: recordPatienceMs };
  return persist(options, async (tx) => {
    await insertOpinion(tx, held, { criterion: request.criterion, result });
    return (await findOpinion(tx, held)) ?? result;
  });
}

async function askInRounds(
  deps: StepDependencies,
  work: ProbeWork,
  request: JudgeQuestion & { readonly signal: AbortSignal; readonly roundsBefore: number },
): Promise<JudgeResult> {
  const model = openJudge(deps, work);
  if (model instanceof OrdealError) return { kind: 'fault', failure: model.failure, detail: model.message, framingVersion };
  let last: JudgeResult = {
    kind: 'fault',
    failure: 'model_unavailable',
    detail: 'The workers that asked the judge ended before it answered.',
    framingVersion,
  };
  for (let round = request.roundsBefore; round < maxRounds; round += 1) {
    if (round > request.roundsBefore) await sleep(pauseBefore(round, last), undefined, { signal: request.signal });
    last = await askOnce(deps, model, request);
    if (last.kind === 'opinion' || !failures[last.failure].retryable) return last;
  }
  return last;
}

function openJudge({ models, database }: StepDependencies, { held }: ProbeWork): ChatModel | OrdealError {
  const { orgId, runId, stepId, variantNo } = held;
  const probe = { runId, stepId, variantNo, tokensPerRun: models.tokensPerRun };
  try {
    return models.open('judge', modelCallLedger(database, { orgId, purpose: 'judge', probe }));
  } catch (error) {
    if (error instanceof OrdealError) return error;
    throw error;
  }
}

async function askOnce(
  deps: StepDependencies,
  model: ChatModel,
  request: JudgeQuestion & { readonly signal: AbortSignal },
): Promise<JudgeResult> {
  const release = await deps.semaphore.acquire('model/judge', concurrency, request.signal);
  try {
    return await askJudge(model, request);
  } finally {
    release();
  }
}

function pauseBefore(round: number, last: JudgeResult): number {
  const wantedMs = last.kind === 'fault' ? (last.retryAfterSeconds ?? 0) * 1_000 : 0;
  return Math.min(longestPauseMs, Math.max(wantedMs, pausesMs[round - 1] ?? longestPauseMs));
}
