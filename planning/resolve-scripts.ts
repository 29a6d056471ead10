import { defaultScriptSlugs } from '../contracts/run.ts';
import type { PlannedScript } from '../db/runs/plan-probes.ts';
import { listBuiltinSlugs } from '../db/scripts/list-builtin-slugs.ts';
import { listScriptSlugs, loadPlannedScripts } from '../db/scripts/load-planned-scripts.ts';
import type { OrgTransaction } from '../db/with-org.ts';
import { OrdealError, type FieldIssue } from '../domain/failures.ts';
import type { OrgId } from '../domain/ids.ts';
import { didYouMean } from '../domain/nearest-name.ts';
import { isChosen, stepsForCategories } from '../domain/taxonomy/choose-steps.ts';

const maxStepsPerRun = 20_000;

export interface AskedScripts {
  readonly slugs: readonly string[] | undefined;
  /** Ids or families that the steps are limited to. */
  readonly categories: readonly string[] | undefined;
  /** Scripts of this run alone, which come after the others. */
  readonly goals: readonly PlannedScript[];
  /** How many times each script is planned. */
  readonly variants: number;
}

/** The scripts of a run in the order that was asked for; throws `invalid_request` that names each one that cannot be run. */
export async function resolveScripts(tx: OrgTransaction, orgId: OrgId, asked: AskedScripts): Promise<PlannedScript[]> {
  const slugs = asked.slugs ?? (await slugsWithoutChoice(tx, orgId, asked));
  const known = await loadPlannedScripts(tx, orgId, slugs);
  const named = slugs.flatMap((slug) => known.get(slug) ?? []);
  if (named.length < slugs.length) throw invalid(unknownSlugs(slugs, known, await listScriptSlugs(tx, orgId)));
  const scripts = [...limitedTo(asked.categories, named), ...asked.goals];
  const issues = [...repeatedSlugs(slugs), ...repeatedSteps(scripts), ...unprobedCategories(asked.categories, named)];
  if (issues.length > 0) throw invalid(issues);
  const steps = asked.variants * scripts.reduce((sum, script) => sum + script.definition.steps.length, 0);
  if (steps > maxStepsPerRun)
    throw invalid([
      {
        field: 'scripts',
        message: `have ${steps} steps together, in all styles, strategies and variants; a run has ${maxStepsPerRun} at most`,
      },
    ]);
  return scripts;
}

async function slugsWithoutChoice(tx: OrgTransaction, orgId: OrgId, { categories, goals }: AskedScripts): Promise<readonly string[]> {
  if (categories !== undefined) return listBuiltinSlugs(tx, orgId);
  return goals.length > 0 ? [] : defaultScriptSlugs;
}

/** The scripts with the steps of these categories alone; one without such a step is left out. */
function limitedTo(categories: readonly string[] | undefined, scripts: readonly PlannedScript[]): readonly PlannedScript[] {
  if (categories === undefined) return scripts;
  return scripts
    .map((script) => ({ ...script, definition: { ...script.definition, steps: stepsForCategories(script.definition.steps, categories) } }))
    .filter(({ definition }) => definition.steps.length > 0);
}

function unprobedCategories(categories: readonly string[] | undefined, scripts: readonly PlannedScript[]): FieldIssue[] {
  const probed = scripts.flatMap(({ definition }) => definition.steps.map(({ category }) => category));
  return (categories ?? []).flatMap((choice, index) =>
    probed.some((category) => isChosen(category, [choice]))
      ? []
      : [{ field: `categories.${index}`, message: `"${choice}" has no step in the scripts of this run` }],
  );
}

function unknownSlugs(slugs: readonly string[], known: ReadonlyMap<string, PlannedScript>, all: readonly string[]): FieldIssue[] {
  return slugs.flatMap((slug, index) =>
    known.has(slug) ? [] : [{ field: `scripts.${index}`, message: `names no script "${slug}"${didYouMean(slug, all)}` }],
  );
}

function repeatedSlugs(slugs: readonly string[]): FieldIssue[] {
  return slugs.flatMap((slug, index) =>
    slugs.indexOf(slug) < index ? [{ field: `scripts.${index}`, message: `names "${slug}" a second time` }] : [],
  );
}

/** Steps are known by their id within a run. */
function repeatedSteps(scripts: readonly PlannedScript[]): FieldIssue[] {
  const owners = new Map<string, string>();
  const issues: FieldIssue[] = [];
  for (const [index, { slug, definition }] of scripts.entries()) {
    const taken = definition.steps.find((step) => owners.has(step.id) && owners.get(step.id) !== slug);
    if (taken !== undefined)
      issues.push({
        field: `scripts.${index}`,
        message: `has a step "${taken.id}", as "${owners.get(taken.id) ?? ''}" has; run them separately`,
      });
    for (const step of definition.steps) owners.set(step.id, slug);
  }
  return issues;
}

function invalid(issues: readonly FieldIssue[]): OrdealError {
  return new OrdealError('invalid_request', issues.map(({ field, message }) => `${field} ${message}`).join('; '), { issues });
}
