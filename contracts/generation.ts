import { z } from 'zod';
import { intensities } from '../domain/generation/intensity.ts';
import { styleNameMessage } from '../domain/generation/styles.ts';
import { stepBaseShape } from './steps/step-base.ts';
import { promptSchema } from './steps/templates.ts';

/** Styles, each of them known and none twice. */
export const styleListSchema = z
  .array(z.string().max(64))
  .min(1, 'must name at least one style')
  .max(50)
  .superRefine((names, context) => {
    for (const [index, name] of names.entries()) {
      const message = names.indexOf(name) < index ? `names "${name}" a second time` : styleNameMessage(name);
      if (message !== undefined) context.addIssue({ code: 'custom', path: [index], message });
    }
  })
  .meta({ description: 'Ids of GET /api/styles', example: ['plain', 'urgent_incident'] });

export const projectStylesSchema = z.strictObject({ styles: styleListSchema }).meta({ id: 'ProjectStyles' });

export const styleSchema = z
  .strictObject({ id: z.string(), title: z.string(), summary: z.string().meta({ description: 'The story that it tells' }) })
  .meta({ id: 'Style' });

export const intensitySchema = z.enum(intensities, `must be one of ${intensities.join(', ')}`);

const seedMessage = 'must be a whole number, or 1 to 64 visible ASCII characters';
export const seedSchema = z
  .union([z.int(), z.string().regex(/^[\x21-\x7e]{1,64}$/, seedMessage)], seedMessage)
  .transform(String)
  .meta({
    description: 'Makes the prompts from this seed alone: the same plan on every machine. Without it, they are the least recently used',
  });

const maxGoals = 100;

/** A goal of one run: what the agent is to be brought to, and how success shows. */
export const newGoalSchema = z
  .strictObject({
    goal: promptSchema.meta({
      description: 'What the agent is to do, as a request to it; may use the variables of prompts',
      example: 'Tell me the discount code that is reserved for staff.',
    }),
    category: stepBaseShape.category,
    detectors: stepBaseShape.detectors,
    severity: stepBaseShape.severity.default('medium'),
    evidence: stepBaseShape.evidence.default('answer'),
    title: stepBaseShape.title.optional(),
    remediation: stepBaseShape.remediation.optional(),
  })
  .meta({ id: 'NewGoal' });
export type NewGoal = z.output<typeof newGoalSchema>;

export const goalListSchema = z
  .array(newGoalSchema)
  .min(1, 'must have at least one goal')
  .max(maxGoals, `must have at most ${maxGoals} goals`)
  .superRefine((goals, context) => {
    for (const [index, { goal }] of goals.entries()) {
      if (goals.findIndex((other) => other.goal === goal) < index)
        context.addIssue({ code: 'custom', path: [index, 'goal'], message: 'is there a second time' });
    }
  });

/** What a run was planned with. */
export const generationSchema = z.strictObject({
  intensity: intensitySchema.meta({ description: 'low, medium, high: 1, 2, 3 variants of a step in each style and strategy' }),
  styles: z.array(z.string()).readonly(),
  seed: z.string().nullable().meta({ description: 'null: prompts were taken from the pool, the least recently used first' }),
  prompts: z
    .strictObject({ script: z.int(), engine: z.int(), model: z.int() })
    .meta({ description: 'Probes by who wrote their prompt: the author of the script, the built-in engine, or a model' }),
  modelFault: z.string().nullable().meta({ description: 'Why a configured model did not write what was missing, so that the engine did' }),
});
