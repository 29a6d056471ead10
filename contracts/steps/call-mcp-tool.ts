import { z } from 'zod';
import { promptVariableNames } from '../../domain/template.ts';
import { jsonValueSchema } from '../json.ts';
import { checkTemplates } from './own-request.ts';
import { sendingStepShape } from './step-base.ts';

/** A call of a tool of an MCP server, and how to judge its result. */
export const callMcpToolSchema = z.strictObject({
  ...sendingStepShape,
  kind: z.literal('call_mcp_tool'),
  tool: z.string().min(1).max(200).meta({ description: 'Name of the tool' }),
  arguments: z
    .record(z.string().min(1).max(200), checkTemplates(jsonValueSchema, promptVariableNames))
    .readonly()
    .meta({ description: 'Its arguments; strings in them are templates' }),
});
