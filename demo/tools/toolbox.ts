import { agentTools } from './agents.ts';
import { codeTools } from './code.ts';
import { fileTools } from './files.ts';
import { knowledgeTools } from './knowledge.ts';
import { mailTools } from './mail.ts';
import { memoryTools } from './memory.ts';
import { oversightTools } from './oversight.ts';
import { paymentTools } from './payments.ts';
import { recordTools } from './records.ts';
import { ticketTools } from './tickets.ts';
import type { Tool } from './tool.ts';
import { userTools } from './users.ts';
import { webTools } from './web.ts';

const allTools = {
  ...fileTools,
  ...mailTools,
  ...ticketTools,
  ...paymentTools,
  ...userTools,
  ...knowledgeTools,
  ...memoryTools,
  ...recordTools,
  ...codeTools,
  ...webTools,
  ...agentTools,
  ...oversightTools,
};

export type ToolName = keyof typeof allTools;

/** Every tool of the assistant; both agents have all of them. */
export const toolbox: Readonly<Record<ToolName, Tool>> = allTools;
