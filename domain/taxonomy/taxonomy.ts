import { didYouMean } from '../nearest-name.ts';
import type { Category } from './category.ts';
import { conductCategories } from './conduct.ts';
import { dataCategories } from './data.ts';
import { executionCategories } from './execution.ts';
import { identityCategories } from './identity.ts';
import { injectionCategories } from './injection.ts';
import { persistenceCategories } from './persistence.ts';
import { owaspLlmRenumbering } from './standard-ids.ts';
import { toolCategories } from './tools.ts';

/** Every category, family by family. */
export const categories: readonly Category[] = [
  ...injectionCategories,
  ...toolCategories,
  ...identityCategories,
  ...dataCategories,
  ...executionCategories,
  ...persistenceCategories,
  ...conductCategories,
];

const byId: ReadonlyMap<string, Category> = new Map(categories.map((category) => [category.id, category]));

/** The category of this id, or undefined. Records of earlier versions may name one that is no more. */
export function findCategory(id: string): Category | undefined {
  return byId.get(id);
}

/** What is wrong with the id of a category, or undefined when it is known. */
export function unknownCategoryMessage(id: string): string | undefined {
  if (byId.has(id)) return undefined;
  return `unknown category "${id}"${didYouMean(id, [...byId.keys()])}; \`ordeal categories\` lists them`;
}

/** Ids of the public lists that a category points to: OWASP LLM of 2025 and 2026, OWASP Agentic, MITRE ATLAS. Empty for an unknown one. */
export function standardsOf(categoryId: string): readonly string[] {
  const category = byId.get(categoryId);
  if (category === undefined) return [];
  return [category.owaspLlm, owaspLlmRenumbering[category.owaspLlm], ...category.owaspAgentic, ...category.atlas];
}
