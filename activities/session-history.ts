import type { ProbeWork } from '../db/runs/hold-probe.ts';
import { loadSessionTurns } from '../db/runs/load-session-turns.ts';
import { withOrg } from '../db/with-org.ts';
import type { AnsweredTurn } from '../domain/attackers/attacker.ts';
import { sessionHistory, type SessionTurn } from '../domain/session-history.ts';
import type { Exchange } from '../domain/steps/next-move.ts';
import { answeredExchanges } from '../domain/steps/transcript.ts';
import { isStateful } from '../domain/target-exchange.ts';
import type { StepRef } from './run-activities.ts';
import type { StepDependencies } from './step-dependencies.ts';

/** What the agent is told again before this exchange: nothing when it remembers, and what an attack chose when one did. */
export async function historyBefore(
  deps: StepDependencies,
  work: ProbeWork,
  { step, exchange }: { readonly step: StepRef; readonly exchange: Exchange },
): Promise<readonly AnsweredTurn[]> {
  const { content, conversationNo } = exchange;
  if (content.kind !== 'prompt') return [];
  if (content.history !== undefined) return content.history;
  if (isStateful(work.target)) return [];
  const { position } = step;
  const own = answeredExchanges(work.attempts).flatMap(({ prompt, answerText: answer, ...entry }): SessionTurn[] =>
    prompt === null || entry.conversationNo !== conversationNo ? [] : [{ position, conversationNo, prompt, answer }],
  );
  if (conversationNo > 1) return sessionHistory(own);
  const earlier = position === 0 ? [] : await withOrg(deps.database, step.orgId, (tx) => loadSessionTurns(tx, step));
  return sessionHistory([...earlier, ...own]);
}
