import { z } from 'zod';

import { categoryFamilies, oracles, type CategoryFamily, type Oracle } from '../domain/taxonomy/category.ts';
import { severities } from '../domain/severity.ts';

/** A category of the taxonomy, as it is listed. */
export const categorySchema = z
  .strictObject({
    id: z.string(),
    family: z.enum(Object.keys(categoryFamilies) as [CategoryFamily, ...CategoryFamily[]]),
    title: z.string(),
    description: z.string(),
    severity: z.enum(severities).meta({ description: 'How bad it usually is; each probe has its own' }),
    oracles: z.array(z.enum(Object.keys(oracles) as [Oracle, ...Oracle[]])).meta({ description: 'What tells that an attack succeeded' }),
    owaspLlm: z.array(z.string()).meta({ description: 'OWASP Top 10 for LLM Applications, of 2025 and of 2026' }),
    owaspAgentic: z.array(z.string()).meta({ description: 'OWASP Top 10 for Agentic Applications, 2026' }),
    atlas: z.array(z.string()).meta({ description: 'Techniques of MITRE ATLAS' }),
    remediation: z.string(),
  })
  .meta({ id: 'Category' });
export type CategoryView = z.infer<typeof categorySchema>;
