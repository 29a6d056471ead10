import { z } from 'zod';
import type { RunReport } from '../domain/reports/run-report.ts';
import { outcomes } from '../domain/outcome.ts';
import { runStatuses } from '../domain/run-state.ts';
import { severities } from '../domain/severity.ts';
import { reportedFindingSchema } from './finding.ts';
import { cleanupAccountSchema } from './cleanup.ts';
import { guardSnapshotSchema } from './guard.ts';
import { timestampSchema } from './id.ts';
import { shareSchema } from './calibration.ts';
import { modelUseSchema } from './model-use.ts';
import { scoreSchema } from './run.ts';

export const reportFormats = ['json', 'markdown', 'html', 'sarif', 'junit', 'signed', 'pdf'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** Formats that can show a comparison with a baseline run. */
export const comparingFormats: readonly ReportFormat[] = ['markdown', 'html', 'sarif', 'pdf'];

/** The public half of the key that signs reports. */
export const reportKeySchema = z
  .strictObject({
    algorithm: z.literal('Ed25519'),
    publicKey: z.string().meta({ description: 'The 32 bytes in base64url' }),
    fingerprint: z.string().meta({ description: 'SHA-256 of these bytes in hex, for `ordeal report verify --key`' }),
  })
  .meta({ id: 'ReportKey' });

const judgeAccountSchema = z
  .strictObject({
    judges: z
      .array(
        z.strictObject({
          model: z.string(),
          criterion: z.string(),
          framingVersion: z.int(),
          violated: z.int(),
          held: z.int(),
          unclear: z.int(),
          calibration: z
            .strictObject({
              calibrationId: z.string(),
              rows: z.int(),
              agreement: shareSchema,
              falsePositives: shareSchema,
              falseNegatives: shareSchema,
              kappa: z.number().nullable(),
            })
            .nullable()
            .meta({ description: 'The newest of the same model, criterion and framing' }),
        }),
      )
      .readonly(),
    faults: z.int(),
  })
  .meta({ id: 'JudgeAccount' });

const reportShape = {
  runId: z.string(),
  status: z.enum(runStatuses),
  statusReason: z.string().nullable(),
  startedAt: timestampSchema.nullable(),
  endedAt: timestampSchema.nullable(),
  targetName: z.string(),
  planHash: z.string().meta({ description: 'SHA-256 in hex; two runs with the same hash sent the same probes' }),
  guard: guardSnapshotSchema.nullable(),
  scripts: z.array(z.strictObject({ slug: z.string(), title: z.string(), steps: z.int() })).readonly(),
  score: scoreSchema,
  findings: z.array(reportedFindingSchema).readonly(),
  notJudged: z
    .array(
      z.strictObject({
        probeId: z.string(),
        stepId: z.string(),
        stepTitle: z.string(),
        style: z.string(),
        strategy: z.string(),
        outcome: z.enum(['blocked', 'inconclusive', 'not_run']),
        reason: z.string(),
      }),
    )
    .readonly(),
  probes: z
    .array(
      z
        .strictObject({
          probeId: z.string(),
          scriptSlug: z.string(),
          stepId: z.string(),
          stepTitle: z.string(),
          style: z.string().meta({ description: 'The manner in which it was asked; `plain` for no story around it' }),
          strategy: z.string().meta({ description: '`plain` for the prompt as written' }),
          category: z.string(),
          severity: z.enum(severities),
          outcome: z.enum(outcomes),
          weaknessKey: z.string().nullable().meta({ description: 'Key of the finding that it belongs to' }),
          reason: z.string(),
        })
        .meta({ id: 'ReportedProbe' }),
    )
    .readonly()
    .meta({ description: 'Every planned probe, in the order of the plan' }),
  indeterminateAttempts: z.int(),
  cleanup: cleanupAccountSchema.nullable().meta({ description: 'What it has cleaned up and could not; null when there was nothing to' }),
  judge: judgeAccountSchema
    .nullable()
    .meta({ description: 'What judges said, and how far they can be believed; null when none was asked' }),
  modelUse: z.array(modelUseSchema).readonly(),
} as const;

/** The report of a run; the same facts as its Markdown. */
export const reportSchema = z.strictObject({ headline: z.string(), ...reportShape }).meta({ id: 'Report' });

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
true satisfies Same<Omit<z.infer<typeof reportSchema>, 'headline'>, RunReport>;
