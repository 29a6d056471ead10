import { z } from 'zod';
import { idSchema, timestampSchema } from './id.ts';
import { nameSchema } from './text.ts';

export const projectSchema = z
  .strictObject({ projectId: idSchema('project'), name: z.string(), createdAt: timestampSchema })
  .meta({ id: 'Project' });
export type Project = z.infer<typeof projectSchema>;

export const newProjectSchema = z.strictObject({ name: nameSchema }).meta({ id: 'NewProject' });
