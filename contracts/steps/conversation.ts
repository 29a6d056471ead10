import { z } from 'zod';
import { maxConversationTurns } from '../../domain/script.ts';
import { promptSchema, stepBaseShape } from './step-base.ts';

/** Several prompts in one session, of which every answer is judged. */
export const conversationSchema = z.strictObject({
  ...stepBaseShape,
  kind: z.literal('conversation'),
  turns: z
    .array(promptSchema)
    .min(2, 'a conversation has at least two turns; for one use the kind send_prompt')
    .max(maxConversationTurns, `a conversation has ${maxConversationTurns} turns at most`)
    .readonly(),
});
