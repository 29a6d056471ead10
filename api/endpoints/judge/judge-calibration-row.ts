import { createHash } from 'node:crypto';

import { z } from 'zod';

import { calibrationRowSchema, newCalibrationRowSchema } from '../../../contracts/calibration.ts';
import { idSchema } from '../../../contracts/id.ts';
import { findCalibrationRow } from '../../../db/calibrations/find-calibration-row.ts';
import { insertCalibrationRow } from '../../../db/calibrations/insert-calibration-row.ts';
import { listCalibrations } from '../../../db/calibrations/list-calibrations.ts';
import { modelCallLedger } from '../../../db/models/model-call-ledger.ts';
import { withOrg } from '../../../db/with-org.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { framingVersion } from '../../../domain/model-judge/frame-judgement.ts';
import type { JudgeResult } from '../../../domain/model-judge/opinion.ts';
import { requireFound } from '../../../domain/require-found.ts';
import { askJudge } from '../../../runtime/model/ask-judge.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

/** For the whole chain of models; a client waits a little longer. */
const judgeTimeoutMs = 50_000;

export const judgeCalibrationRow = defineEndpoint({
  id: 'judgeCalibrationRow',
  method: 'post',
  path: '/api/judge/calibrations/:calibrationId/rows',
  tag: 'judge',
  summary: 'Let the judge judge one labelled row; a row that was judged is not asked again',
  auth: 'apiKey',
  failures: ['model_not_configured', 'model_unavailable', 'conflict'],
  timeoutMs: judgeTimeoutMs + 5_000,
  bodyRules: { maxBytes: 1_700_000, unstorableText: 'replace' },
  input: { params: z.object({ calibrationId: idSchema('calibration') }), body: newCalibrationRowSchema },
  output: { status: 200, description: 'What the judge said, beside the label', schema: calibrationRowSchema },
  handler: async ({ params, body }, { deps, principal, signal }) => {
    const { orgId } = principal;
    const { calibrationId } = params;
    const { rowNo, label, prompt, answer } = body;
    const contentHash = createHash('sha256')
      .update(JSON.stringify([prompt, answer]))
      .digest('hex');
    const find = () =>
      withOrg(deps.database, orgId, async (tx) => {
        const [calibration] = await listCalibrations(tx, orgId, { calibrationId, rows: 1 });
        const known = await findCalibrationRow(tx, orgId, { calibrationId, rowNo });
        return { calibration: requireFound(calibration, 'calibration', calibrationId), known };
      });
    const { calibration, known } = await find();
    requireCurrentFraming(calibration.framingVersion);
    if (known !== undefined) return sameRow(known, { contentHash, label });
    const model = deps.models.open('judge', modelCallLedger(deps.database, { orgId, purpose: 'judge', calibrationId }));
    const result = await askJudge(model, {
      criterion: calibration.criterion,
      turns: [{ prompt, answer }],
      signal: AbortSignal.any([signal, AbortSignal.timeout(judgeTimeoutMs)]),
    });
    const row = { rowNo, label, ...verdictOf(result) };
    await withOrg(deps.database, orgId, (tx) => insertCalibrationRow(tx, orgId, { ...row, calibrationId, contentHash }));
    // Another request may have been first; what is stored is what counts.
    const stored = await find();
    return sameRow(requireFound(stored.known, 'row', String(rowNo)), { contentHash, label });
  },
});

function requireCurrentFraming(version: number): void {
  if (version === framingVersion) return;
  const detail = `This calibration was begun with framing ${version} of the judge, and framing ${framingVersion} is in use.`;
  throw new OrdealError('conflict', `${detail} Begin a new one.`);
}

/** A judge that cannot be reached now says nothing of the row: the client asks again. Any other fault is its result. */
function verdictOf(result: JudgeResult) {
  if (result.kind === 'opinion') {
    const { said, confidence } = result.opinion;
    return { said, confidence, model: result.model, failure: null };
  }
  if (result.failure === 'model_unavailable' || result.failure === 'model_refused_config') {
    throw new OrdealError(result.failure, result.detail);
  }
  return { said: null, confidence: null, model: null, failure: result.failure };
}

function sameRow<Row extends { readonly rowNo: number; readonly label: string; readonly contentHash: string }>(
  row: Row,
  asked: { readonly contentHash: string; readonly label: string },
): Omit<Row, 'contentHash'> {
  const { contentHash, ...view } = row;
  if (contentHash === asked.contentHash && row.label === asked.label) return view;
  throw new OrdealError(
    'conflict',
    `Row ${row.rowNo} of this calibration was judged with another text or label. Give each row its own number.`,
  );
}
