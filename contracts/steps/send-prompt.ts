import { z } from 'zod';
import { sendingStepShape } from './step-base.ts';
import { promptSchema } from './templates.ts';

/** One prompt, and how to judge the answer. */
export const sendPromptSchema = z.strictObject({
  ...sendingStepShape,
  kind: z.literal('send_prompt'),
  prompt: promptSchema.meta({ description: 'What is said; a template' }),
});
