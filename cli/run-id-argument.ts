import { InvalidArgumentError } from 'commander';

import { idSchema } from '../contracts/id.ts';
import type { RunId } from '../domain/ids.ts';

const schema = idSchema('run');

/** The RUN argument of a command. */
export function runIdArgument(text: string): RunId {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`A run ${parsed.error.issues[0]?.message ?? 'must be an id'}; \`ordeal runs\` lists them.`);
}
