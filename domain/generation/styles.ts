import { didYouMean } from '../nearest-name.ts';
import { authorityStyles } from './authority-styles.ts';
import { plain } from './plain-style.ts';
import { pressureStyles } from './pressure-styles.ts';
import { pretextStyles } from './pretext-styles.ts';
import type { Style } from './style.ts';

/** Every style, `plain` first. */
export const styles: readonly Style[] = [plain, ...pressureStyles, ...authorityStyles, ...pretextStyles];

const byId: ReadonlyMap<string, Style> = new Map(styles.map((style) => [style.id, style]));

/** What is wrong with the name of a style, or undefined. */
export function styleNameMessage(id: string): string | undefined {
  return byId.has(id) ? undefined : `names no style "${id}"${didYouMean(id, [...byId.keys()])}`;
}

/** The style of this name. Throws a `RangeError` for a name that `styleNameMessage` objects to. */
export function styleOf(id: string): Style {
  const style = byId.get(id);
  if (style === undefined) throw new RangeError(`A run ${styleNameMessage(id) ?? ''}`);
  return style;
}

/** These styles in the order of the registry, which is the order in which a run plans them. */
export function inRegistryOrder(ids: readonly string[]): readonly string[] {
  const wanted = new Set(ids);
  return styles.flatMap(({ id }) => (wanted.has(id) ? [id] : []));
}
