import { z } from 'zod';
import { severities } from '../../domain/severity.ts';
import { unknownCategoryMessage } from '../../domain/taxonomy/taxonomy.ts';
import { promptVariableNames, templateReferences, unknownVariableMessage } from '../../domain/template.ts';
import { detectorSchema } from '../detector.ts';

/** A template of a script: its variables must be known ones. */
export const promptSchema = z
  .string()
  .min(1)
  .max(100_000)
  .superRefine((prompt, context) => {
    for (const { name } of templateReferences(prompt)) {
      const message = unknownVariableMessage(name, promptVariableNames);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    }
  });

const categoryIdSchema = z.string().superRefine((id, context) => {
  const message = unknownCategoryMessage(id);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** What steps of every kind have. */
export const stepBaseShape = {
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'an id has 1 to 64 letters, digits, dots, dashes or underscores'),
  title: z.string().min(1).max(200),
  category: categoryIdSchema,
  severity: z.enum(severities),
  detectors: z
    .array(detectorSchema)
    .min(1, 'a step needs at least one detector')
    .max(20)
    .refine((detectors) => detectors.filter(({ kind }) => kind === 'model_judge').length <= 1, 'a step has at most one model_judge')
    .readonly(),
  evidence: z.enum(['answer', 'events']),
  remediation: z.string().min(1).max(4_000),
} as const;
