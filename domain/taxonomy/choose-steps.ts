import { didYouMean } from '../nearest-name.ts';
import type { StepDefinition } from '../script.ts';
import { templateReferences } from '../template.ts';
import { categoryFamilies } from './category.ts';
import { categories, unknownCategoryMessage } from './taxonomy.ts';

const familyPattern = /^([^-*]+)-\*$/;

/** What is wrong with a choice of categories, an id such as `INJ-01` or a family such as `TOOL-*`; undefined when nothing is. */
export function categoryChoiceMessage(choice: string): string | undefined {
  const family = familyPattern.exec(choice)?.[1];
  if (family === undefined) return unknownCategoryMessage(choice);
  if (categories.some(({ id }) => isChosen(id, [choice]))) return undefined;
  const families = Object.keys(categoryFamilies).map((name) => `${name}-*`);
  return `no category is "${choice}"${didYouMean(choice, families)}; \`ordeal categories\` lists them`;
}

/** True when a choice is this category, or its family. */
export function isChosen(categoryId: string, choices: readonly string[]): boolean {
  return choices.some((choice) => (familyPattern.test(choice) ? categoryId.startsWith(choice.slice(0, -1)) : choice === categoryId));
}

/**
 * The steps of a script for the chosen categories, in their order. A step that calls on an agreement of the session, by
 * its `marker`, needs the steps before it that speak of the same agreement: these stay as well.
 */
export function stepsForCategories(steps: readonly StepDefinition[], choices: readonly string[]): readonly StepDefinition[] {
  const lastAgreement = steps.findLastIndex((step) => isChosen(step.category, choices) && usesMarker(step));
  return steps.filter((step, index) => isChosen(step.category, choices) || (index < lastAgreement && usesMarker(step)));
}

function usesMarker(step: StepDefinition): boolean {
  return textsOf(step).some((text) => templateReferences(text).some(({ name }) => name === 'marker'));
}

/** Every text of a step, whatever its kind: a variable may stand in any of them. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
