import { z } from 'zod';
import type { Finding } from '../domain/findings.ts';
import { severities } from '../domain/severity.ts';
import { detectorKindSchema, evidenceRefSchema } from './evidence.ts';
import { idSchema, timestampSchema } from './id.ts';

const findingShape = {
  weaknessKey: z.string().meta({ description: 'The same weakness has the same key in every run' }),
  scriptSlug: z.string(),
  category: z.string().meta({ description: 'Id of GET /api/categories' }),
  standards: z
    .array(z.string())
    .readonly()
    .meta({ description: 'Ids of OWASP and MITRE ATLAS that the category points to', example: ['LLM01:2025', 'LLM01:2026', 'ASI01:2026'] }),
  detector: detectorKindSchema,
  severity: z.enum(severities),
  confidence: z.number(),
  title: z.string(),
  remediation: z.string(),
  probeIds: z.array(z.string()).readonly(),
  evidence: z
    .array(z.strictObject({ probeId: z.string(), detector: detectorKindSchema, detectorVersion: z.int(), evidence: evidenceRefSchema }))
    .readonly(),
  story: z.array(z.strictObject({ kind: z.enum(['tried', 'did', 'touched']), probeId: z.string(), text: z.string() })).readonly(),
} as const;

/** A finding as a report has it. */
export const reportedFindingSchema = z.strictObject(findingShape).meta({ id: 'ReportedFinding' });

/** A finding as it is stored. */
export const findingSchema = z
  .strictObject({ findingId: idSchema('finding'), runId: idSchema('run'), createdAt: timestampSchema, ...findingShape })
  .meta({ id: 'Finding' });
export type StoredFinding = z.infer<typeof findingSchema>;

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
true satisfies Same<z.infer<typeof reportedFindingSchema>, Finding>;
