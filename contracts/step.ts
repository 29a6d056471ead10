import { z } from 'zod';
import { didYouMean } from '../domain/nearest-name.ts';
import type { StepDefinition } from '../domain/script.ts';
import { callMcpToolSchema } from './steps/call-mcp-tool.ts';
import { conversationSchema } from './steps/conversation.ts';
import { httpRequestSchema } from './steps/http-request.ts';
import { plantDocumentSchema } from './steps/plant-document.ts';
import { sendPromptSchema } from './steps/send-prompt.ts';
import { waitForEventsSchema } from './steps/wait-for-events.ts';

/** The registry of kinds. */
const schemas = [
  sendPromptSchema,
  conversationSchema,
  httpRequestSchema,
  waitForEventsSchema,
  plantDocumentSchema,
  callMcpToolSchema,
] as const;
const kinds = schemas.map(({ shape }) => shape.kind.value);

/** One step of a script: what is done to the agent, and how to judge what comes of it. */
export const stepSchema = z.discriminatedUnion('kind', schemas, {
  error: (issue) => {
    if (issue.code !== 'invalid_union') return undefined;
    const kind = (issue.input as { readonly kind?: unknown } | null)?.kind;
    return typeof kind === 'string'
      ? `unknown kind of step "${kind}"${didYouMean(kind, kinds)}; known are ${kinds.join(', ')}`
      : `a step needs a kind: one of ${kinds.join(', ')}`;
  },
});

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
// The schemas and the domain's types describe the same shape; a difference fails to compile.
true satisfies Same<z.infer<typeof stepSchema>, StepDefinition>;
