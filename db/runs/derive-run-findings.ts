import { deriveFindings, type Finding, type JudgedProbe } from '../../domain/findings.ts';
import type { Detection } from '../../domain/detection.ts';
import type { OrgId, ProbeId, RunId } from '../../domain/ids.ts';
import type { Weakness } from '../../domain/judge.ts';
import type { StepDefinition } from '../../domain/script.ts';
import type { OrgTransaction } from '../with-org.ts';
import { loadTurnEvents } from './turn-events.ts';

/** The findings that the verdicts of a run amount to, from rows alone: the same rows give the same findings. */
export async function deriveRunFindings(tx: OrgTransaction, orgId: OrgId, runId: RunId): Promise<readonly Finding[]> {
  const rows = await tx
    .selectFrom('probes')
    .leftJoin('attempts', (join) =>
      join
        .onRef('attempts.org_id', '=', 'probes.org_id')
        .onRef('attempts.run_id', '=', 'probes.run_id')
        .onRef('attempts.step_id', '=', 'probes.step_id')
        .onRef('attempts.variant_no', '=', 'probes.variant_no')
        .on('attempts.state', '=', 'answered'),
    )
    .select(['probes.probe_id', 'probes.script_slug', 'probes.strategy', 'probes.step', 'probes.detections', 'probes.weakness'])
    .select(['attempts.prompt', 'attempts.answer_text'])
    .where('probes.org_id', '=', orgId)
    .where('probes.run_id', '=', runId)
    .where('probes.outcome', '=', 'vulnerable')
    .orderBy('probes.probe_id')
    .execute();
  const probes: JudgedProbe[] = [];
  for (const row of rows) {
    const step = row.step as unknown as StepDefinition;
    probes.push({
      probeId: row.probe_id,
      scriptSlug: row.script_slug,
      stepId: step.id,
      stepTitle: step.title,
      strategy: row.strategy,
      remediation: step.remediation,
      prompt: row.prompt ?? step.prompt,
      answer: row.answer_text,
      turnEvents: await loadTurnEvents(tx, orgId, row.probe_id as ProbeId),
      detections: row.detections as unknown as Detection[],
      weakness: row.weakness as unknown as Weakness | null,
    });
  }
  return deriveFindings(probes);
}
