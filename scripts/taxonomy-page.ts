import { loadScriptLibrary } from '../db/load-script-library.ts';
import { categoryFamilies, familyOf, oracles, type Category, type CategoryFamily } from '../domain/taxonomy/category.ts';
import { atlasVersion, standardTitle } from '../domain/taxonomy/standard-ids.ts';
import { categories, standardsOf } from '../domain/taxonomy/taxonomy.ts';

/** The text of docs/taxonomy.md: the categories with their ids, and the probes of the script library for each. */
export async function taxonomyPage(): Promise<string> {
  const probes = await probesByCategory();
  const families = Object.entries(categoryFamilies) as readonly [CategoryFamily, string][];
  return [
    opening(),
    overview(),
    ...families.map(([family, title]) =>
      familySection(
        title,
        categories.filter((category) => familyOf(category) === family),
        probes,
      ),
    ),
  ].join('\n');
}

/** Ids of the library's steps, such as `S1 S1-01`, by the category that they name. */
async function probesByCategory(): Promise<ReadonlyMap<string, readonly string[]>> {
  const scripts = await loadScriptLibrary();
  const steps = scripts.flatMap(({ slug, steps: own }) => own.map(({ id, category }) => ({ category, probe: `${id} (script ${slug})` })));
  return new Map([...Map.groupBy(steps, (step) => step.category)].map(([category, own]) => [category, own.map(({ probe }) => probe)]));
}

function opening(): string {
  return `# Taxonomy

Written by \`node scripts/dump-taxonomy.ts\` from \`domain/taxonomy/\` and \`scripts-library/\`; \`npm run check\` compares.

Each step of a script names a category, one of ${categories.length}. It says what kind of weakness the step looks for, and through it findings,
reports and SARIF logs carry the ids of public lists:

- OWASP Top 10 for LLM Applications, of 2025 and of 2026. The list was renumbered in 2026, so that ids always carry their year.
- OWASP Top 10 for Agentic Applications, 2026.
- MITRE ATLAS ${atlasVersion}. Later releases have retired some ids.

The mapping is Ordeal's own; that the ids exist is tested. \`ordeal categories\` and \`GET /api/categories\` list the same.

What tells that an attack succeeded:

${Object.entries(oracles)
  .map(([oracle, meaning]) => `- **${oracle}**: ${meaning}.`)
  .join('\n')}

\`ordeal run --categories INJ-01,TOOL-*\` limits a run to steps for some of them, with the steps before those that they build on.

Every category has a probe that tells the careless demo agent from the hardened one; a test runs all of them against both.
`;
}

function overview(): string {
  const rows = categories.map((category) => {
    const standards = standardsOf(category.id).map((id) => (id.startsWith('AML.') ? id.slice('AML.'.length) : id));
    return `| [${category.id}](#${anchorOf(category)}) | ${category.title} | ${category.severity} | ${standards.join(' ')} |`;
  });
  return `## Overview\n\n| Category | What it is | Severity | OWASP LLM, OWASP Agentic, ATLAS |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function familySection(title: string, own: readonly Category[], probes: ReadonlyMap<string, readonly string[]>): string {
  return [`## ${title}\n`, ...own.map((category) => section(category, probes.get(category.id) ?? []))].join('\n');
}

function section(category: Category, probes: readonly string[]): string {
  const standards = standardsOf(category.id).map((id) => `- ${id} ${standardTitle(id) ?? ''}`);
  return `### ${category.id} ${category.title}

${category.description}

Severity ${category.severity}; told by ${category.oracles.join(', ')}. Probes: ${probes.join(', ')}.

${standards.join('\n')}

What to do: ${category.remediation}
`;
}

function anchorOf({ id, title }: Category): string {
  return `${id} ${title}`
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
