import { z } from 'zod';
import { documentVariableNames, promptVariableNames, servedVariableNames } from '../../domain/template.ts';
import { ownRequestShape } from './own-request.ts';
import { sendingStepShape } from './step-base.ts';
import { maxPromptChars, promptSchema, templateSchema } from './templates.ts';

const documentSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u, 'a name has 1 to 100 letters, digits, spaces, dots, dashes or underscores'),
  mediaType: z.string().regex(/^[a-z]+\/[a-z0-9.+-]{1,100}$/, 'must be a media type such as text/html'),
  content: promptSchema,
});

const deliverySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('served') }),
  z.strictObject({ kind: z.literal('upload'), ...ownRequestShape([...promptVariableNames, ...documentVariableNames]) }),
]);

/** A document with an indirect injection, and the prompt that makes the agent read it. */
export const plantDocumentSchema = z.strictObject({
  ...sendingStepShape,
  kind: z.literal('plant_document'),
  document: documentSchema.meta({ description: 'What is planted: `name`, `mediaType` and `content`, a template' }),
  delivery: deliverySchema.meta({
    description:
      '`kind: served`: Ordeal serves it at `{{document_url}}`; `kind: upload`: a request to the agent, with `{{document_content}}` and `{{document_name}}`',
  }),
  prompt: templateSchema([...promptVariableNames, 'document_name', ...servedVariableNames], maxPromptChars)
    .min(1)
    .meta({ description: 'What makes the agent read it; a template' }),
});
