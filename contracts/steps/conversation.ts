import { z } from 'zod';
import { maxConversationTurns } from '../../domain/script.ts';
import { attackerSchema } from './attacker.ts';
import { sendingStepShape } from './step-base.ts';
import { promptSchema } from './templates.ts';

/** Several prompts, of which every answer is judged: written down in `turns`, or decided by an `attacker` on its way to `goal`. */
export const conversationSchema = z
  .strictObject({
    ...sendingStepShape,
    kind: z.literal('conversation'),
    turns: z
      .array(promptSchema)
      .min(2, 'a conversation has at least two turns; for one use the kind send_prompt')
      .max(maxConversationTurns, `a conversation has ${maxConversationTurns} turns at most`)
      .readonly()
      .exactOptional()
      .meta({ description: 'What is said, turn by turn; templates. `compliance` is judged by the last one' }),
    goal: promptSchema.exactOptional().meta({ description: 'What an attacker is after; a template' }),
    attacker: attackerSchema
      .exactOptional()
      .meta({ description: 'Who decides the turns on the way to `goal`: see [attackers.md](attackers.md)' }),
  })
  .superRefine(({ turns, goal, attacker }, context) => {
    const report = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (turns !== undefined && attacker !== undefined) report('attacker', 'decides the turns itself; write `turns` or an `attacker`');
    else if (turns !== undefined && goal !== undefined) report('goal', 'is for an `attacker`; a conversation with `turns` has none');
    else if (turns === undefined && attacker === undefined) report('turns', 'is missing: write `turns`, or a `goal` and an `attacker`');
    else if (attacker !== undefined && goal === undefined) report('goal', 'is missing: an attacker needs to know what it is after');
  });
