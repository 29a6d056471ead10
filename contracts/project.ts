import { z } from 'zod';
import { styleListSchema } from './generation.ts';
import { environmentSchema } from './guard.ts';
import { idSchema, timestampSchema } from './id.ts';
import { nameSchema } from './text.ts';

export const projectSchema = z
  .strictObject({
    projectId: idSchema('project'),
    name: z.string(),
    styles: z.array(z.string()).readonly().meta({ description: 'Styles that its runs use: ids of GET /api/styles' }),
    environment: environmentSchema,
    createdAt: timestampSchema,
  })
  .meta({ id: 'Project' });
export type Project = z.infer<typeof projectSchema>;

export const newProjectSchema = z
  .strictObject({
    name: nameSchema,
    styles: styleListSchema.optional().meta({ description: 'Default: plain alone' }),
    environment: environmentSchema.optional().meta({ description: 'Default: test' }),
  })
  .meta({ id: 'NewProject' });
