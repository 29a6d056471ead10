import { z } from 'zod';

import { categoryFamilies, oracles, type CategoryFamily, type Oracle } from '../domain/taxonomy/category.ts';
import { categoryChoiceMessage } from '../domain/taxonomy/choose-steps.ts';
import { severities } from '../domain/severity.ts';

const maxChoices = 100;

/** Categories that a run is limited to, each of them known and none twice. */
export const categoryChoicesSchema = z
  .array(z.string().max(64))
  .min(1, 'must name at least one category; leave it out for all steps of the scripts')
  .max(maxChoices, `must name at most ${maxChoices} categories`)
  .superRefine((choices, context) => {
    for (const [index, choice] of choices.entries()) {
      const isRepeated = choices.indexOf(choice) < index;
      const message = isRepeated ? `names "${choice}" a second time` : categoryChoiceMessage(choice);
      if (message !== undefined) context.addIssue({ code: 'custom', path: [index], message });
    }
  })
  .meta({
    description:
      'Limits the run to steps of these categories: ids of GET /api/categories, or families such as `TOOL-*`. Without `scripts`, steps of all scripts that ship with Ordeal',
    example: ['INJ-01', 'TOOL-*'],
  });

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
