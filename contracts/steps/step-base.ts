import { z } from 'zod';
import { sideEffects } from '../../domain/script.ts';
import { severities } from '../../domain/severity.ts';
import { unknownCategoryMessage } from '../../domain/taxonomy/taxonomy.ts';
import { promptVariableNames, templateReferences, unknownVariableMessage } from '../../domain/template.ts';
import { detectorSchema } from '../detector.ts';

/** A template of a script: its variables must be among `known`. */
export function templateSchema(known: readonly string[], maxChars: number) {
  return z
    .string()
    .max(maxChars)
    .superRefine((template, context) => {
      for (const { name } of templateReferences(template)) {
        const message = unknownVariableMessage(name, known);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      }
    });
}

export const maxPromptChars = 100_000;

/** What is said to an agent. */
export const promptSchema = templateSchema(promptVariableNames, maxPromptChars).min(1);

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
