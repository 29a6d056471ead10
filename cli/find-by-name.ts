import { OrdealError } from '../domain/failures.ts';
import { didYouMean } from '../domain/nearest-name.ts';
import { printableLine } from './printable.ts';

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface Choice {
  /** What is looked for, such as `project`; also the name of its option. */
  readonly noun: string;
  /** An id or a name; undefined to take the only one there is. */
  readonly wanted: string | undefined;
}

/** The one that is meant by id or name, or the only one there is. Throws `invalid_request` that lists what exists. */
export function findByName<Item extends Named>(items: readonly Item[], { noun, wanted }: Choice): Item {
  const found = wanted === undefined ? items : items.filter(({ id, name }) => id === wanted || name === wanted);
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first;
  throw new OrdealError('invalid_request', `${complaint(items, { noun, wanted }, found.length)}${listOf(items)}`);
}

function complaint(items: readonly Named[], { noun, wanted }: Choice, found: number): string {
  if (items.length === 0) return `There is no ${noun} yet. Make one through the API first: see /documentation.`;
  if (wanted === undefined) return `Say which ${noun}: --${noun} takes an id or a name. There are:`;
  if (found > 1) return `${found} ${noun}s have the name ${JSON.stringify(wanted)}. Say which by its id:`;
  return `There is no ${noun} ${JSON.stringify(wanted)}${didYouMean(
    wanted,
    items.map(({ name }) => name),
  )}. There are:`;
}

const maxListed = 20;

function listOf(items: readonly Named[]): string {
  const lines = items.slice(0, maxListed).map(({ id, name }) => `\n  ${id}  ${printableLine(name)}`);
  return lines.join('') + (items.length > maxListed ? `\n  and ${items.length - maxListed} more` : '');
}
