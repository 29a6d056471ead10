import { fileTools } from './files.ts';
import { mailTools } from './mail.ts';
import { paymentTools } from './payments.ts';
import { ticketTools } from './tickets.ts';
import type { Tool } from './tool.ts';
import { userTools } from './users.ts';

const allTools = { ...fileTools, ...mailTools, ...ticketTools, ...paymentTools, ...userTools };

export type ToolName = keyof typeof allTools;

/** Every tool of the assistant; both agents have all of them. */
export const toolbox: Readonly<Record<ToolName, Tool>> = allTools;
