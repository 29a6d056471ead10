import { z } from 'zod';
import { promptVariableNames, templateReferences, unknownVariableMessage } from '../../domain/template.ts';

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
