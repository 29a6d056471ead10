import type { Project } from '../contracts/project.ts';
import type { NewRunRequest } from '../contracts/run.ts';
import { OrdealError } from '../domain/failures.ts';
import { inRegistryOrder } from '../domain/generation/styles.ts';
import { defaultVariety, type Variety } from '../domain/generation/variety.ts';

/** How a run varies its prompts: as it asks, within the styles that its project uses. */
export function resolveVariety(
  asked: Pick<NewRunRequest, 'intensity' | 'styles' | 'seed'>,
  project: Pick<Project, 'projectId' | 'styles'>,
): Variety {
  const issues = (asked.styles ?? []).flatMap((style, index) =>
    project.styles.includes(style) ? [] : [{ field: `styles.${index}`, message: `names "${style}", which the project does not use` }],
  );
  if (issues.length > 0) {
    const hint = `Project ${project.projectId} uses ${project.styles.join(', ')}; POST /api/projects/{projectId}/styles or \`ordeal styles set\` changes that.`;
    throw new OrdealError('invalid_request', `${issues.map(({ field, message }) => `${field} ${message}`).join('; ')}. ${hint}`, {
      issues,
    });
  }
  return {
    intensity: asked.intensity ?? defaultVariety.intensity,
    styles: inRegistryOrder(asked.styles ?? project.styles),
    seed: asked.seed ?? null,
  };
}
