import { sql } from 'kysely';

import { deriveFindings, type Finding, type JudgedProbe } from '../../domain/findings.ts';
import type { Detection } from '../../domain/detection.ts';
import type { OrgId, ProbeId, RunId } from '../../domain/ids.ts';
import type { Weakness } from '../../domain/judge.ts';
import type { StepDefinition } from '../../domain/script.ts';
import type { ExchangePlace } from '../../domain/steps/transcript.ts';
import type { OrgTransaction } from '../with-org.ts';
import { probeKey, type ProbeKey } from './step-key.ts';
import { loadTurnEvents } from './turn-events.ts';

/** The findings that the verdicts of a run amount to, from rows alone: the same rows give the same findings. */
export async function deriveRunFindings(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<readonly Finding[]> {
  const rows = await tx
    .selectFrom('probes')
    .select(['probe_id', 'variant_no', 'script_slug', 'style', 'strategy', 'step', 'detections', 'weakness'])
    .where('org_id', '=', orgId)
    .where('run_id', '=', runId)
    .where('outcome', '=', 'vulnerable')
    .orderBy('probe_id')
    .execute();
  const probes: JudgedProbe[] = [];
  for (const row of rows) {
    const step = row.step as unknown as StepDefinition;
    const weakness = row.weakness as unknown as Weakness | null;
    const detections = row.detections as unknown as Detection[];
    const exchange = await loadTellingExchange(
      tx,
      { orgId, runId, stepId: step.id, variantNo: row.variant_no },
      tellingPlace(detections, weakness),
    );
    probes.push({
      probeId: row.probe_id,
      scriptSlug: row.script_slug,
      stepId: step.id,
      stepTitle: step.title,
      style: row.style,
      strategy: row.strategy,
      remediation: step.remediation,
      prompt:
        exchange === undefined
          ? ''
          : (exchange.prompt ?? `${exchange.request_method} ${exchange.request_url}\n\n${exchange.request_body ?? ''}`),
      answer: exchange?.answer_text ?? null,
      turnEvents: await loadTurnEvents(tx, orgId, { probeIds: [row.probe_id as ProbeId], answeredTurns: 1 }),
      detections,
      weakness,
    });
  }
  return deriveFindings(probes);
}

/** The exchange that the evidence of the weakness points to; undefined when it is the probe's only one, or events show it. */
function tellingPlace(detections: readonly Detection[], weakness: Weakness | null): ExchangePlace | undefined {
  const deciding = detections.find((detection) => detection.fired && detection.detector === weakness?.detector);
  const [first] = deciding?.evidence ?? [];
  return first?.kind === 'answer_span' ? first.exchange : undefined;
}

/** What was said and answered at `place`, or in the last exchange. */
function loadTellingExchange(tx: OrgTransaction, probe: ProbeKey, place: ExchangePlace | undefined) {
  const ledger = tx
    .selectFrom('attempts')
    .select(['prompt', 'answer_text', 'request_method', 'request_url', 'request_body'])
    .where((eb) => eb.and(probeKey(probe)));
  const told =
    place === undefined
      ? ledger.orderBy(sql`state = 'answered'`, 'desc')
      : ledger.where('conversation_no', '=', place.conversationNo).where('exchange_no', '=', place.exchangeNo);
  return told.orderBy('conversation_no', 'desc').orderBy('exchange_no', 'desc').orderBy('attempt_no', 'desc').limit(1).executeTakeFirst();
}
