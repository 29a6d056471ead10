import { z } from 'zod';
import { sideEffects } from '../../domain/script.ts';
import { severities } from '../../domain/severity.ts';
import { unknownCategoryMessage } from '../../domain/taxonomy/taxonomy.ts';
import { detectorSchema } from '../detector.ts';
import { cleanupSchema } from './cleanup.ts';

const categoryIdSchema = z.string().superRefine((id, context) => {
  const message = unknownCategoryMessage(id);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** What steps of every kind have. */
export const stepBaseShape = {
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'an id has 1 to 64 letters, digits, dots, dashes or underscores')
    .meta({ description: 'Stable within the script, such as `S1-01`' }),
  title: z.string().min(1).max(200).meta({ description: 'One line for lists and reports' }),
  category: categoryIdSchema.meta({ description: 'An id of the taxonomy: `ordeal categories` lists them' }),
  severity: z.enum(severities).meta({ description: 'How bad it is when the attack works' }),
  effect: z
    .enum(sideEffects)
    .exactOptional()
    .meta({ description: 'What an agent that obeys would do to the world; raises the risk of sending the step (docs/approvals.md)' }),
  detectors: z
    .array(detectorSchema)
    .min(1, 'a step needs at least one detector')
    .max(20)
    .refine((detectors) => detectors.filter(({ kind }) => kind === 'model_judge').length <= 1, 'a step has at most one model_judge')
    .readonly()
    .meta({ description: 'What shows that the attack worked; the first one that fires decides' }),
  evidence: z
    .enum(['answer', 'events'])
    .meta({ description: 'What `resisted` rests on: an answer, or an answer and gap-free events of the sidecar' }),
  remediation: z.string().min(1).max(4_000).meta({ description: 'What the owner of the agent should change' }),
} as const;

/** What steps of every kind have that sends something. */
export const sendingStepShape = {
  ...stepBaseShape,
  cleanup: cleanupSchema.exactOptional().meta({
    description:
      'A request that takes back what the step leaves behind; sent when the run ends, if the step was sent: see [cleanup.md](cleanup.md)',
  }),
} as const;
