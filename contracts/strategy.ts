import { z } from 'zod';

import { strategyKinds } from '../domain/strategies/strategy.ts';
import { strategyNameMessage } from '../domain/strategies/strategies.ts';

const maxStrategies = 20;

/** Strategies of a run, each of them known and none twice. */
export const strategyListSchema = z
  .array(z.string().max(200))
  .min(1, 'must name at least one strategy; leave it out for the prompts as written')
  .max(maxStrategies, `must name at most ${maxStrategies} strategies`)
  .superRefine((names, context) => {
    for (const [index, name] of names.entries()) {
      const isRepeated = names.indexOf(name) < index;
      const message = isRepeated ? `names "${name}" a second time` : strategyNameMessage(name);
      if (message !== undefined) context.addIssue({ code: 'custom', path: [index], message });
    }
  })
  .meta({
    description: 'Ways to put the prompts: ids of GET /api/strategies, or layers of up to three joined by `+`, applied from left to right',
    example: ['base64', 'rot13+base64'],
  });

export const strategySchema = z
  .strictObject({
    id: z.string(),
    title: z.string(),
    summary: z.string().meta({ description: 'What it does to a prompt' }),
    kind: z.enum(strategyKinds),
    atlas: z.string().meta({ description: 'Technique of MITRE ATLAS' }),
  })
  .meta({ id: 'Strategy' });
