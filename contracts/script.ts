import { z } from 'zod';
import type { ScriptDefinition } from '../domain/script.ts';
import { stepSchema } from './step.ts';

const scriptShape = {
  slug: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'a slug has 1 to 64 letters, digits, dashes or underscores'),
  title: z.string().min(1).max(200),
  description: z.string().max(4_000),
  steps: z.array(stepSchema).min(1, 'a script needs at least one step').max(20_000).superRefine(refuseDoubleIds).readonly(),
};

/** A script, without the number of its version. */
export const scriptDefinitionSchema = z.strictObject(scriptShape);

/** A script as a file has it: with the number of its version, which its author raises with every change. */
export const scriptFileSchema = z.strictObject({ ...scriptShape, version: z.int().min(1, 'the version is a whole number from 1') });

function refuseDoubleIds(steps: readonly { readonly id: string }[], context: z.RefinementCtx): void {
  const firstAt = new Map<string, number>();
  for (const [index, { id }] of steps.entries()) {
    const first = firstAt.get(id);
    if (first === undefined) firstAt.set(id, index);
    else context.addIssue({ code: 'custom', path: [index, 'id'], message: `step id "${id}" is already taken by steps.${first}` });
  }
}

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
// The schema and the domain's type describe the same shape; a difference fails to compile.
true satisfies Same<z.infer<typeof scriptDefinitionSchema>, ScriptDefinition>;
