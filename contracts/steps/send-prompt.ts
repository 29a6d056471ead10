import { z } from 'zod';
import { promptSchema, stepBaseShape } from './step-base.ts';

/** One prompt, and how to judge the answer. */
export const sendPromptSchema = z.strictObject({
  ...stepBaseShape,
  kind: z.literal('send_prompt'),
  prompt: promptSchema.meta({ description: 'What is said; a template' }),
});
