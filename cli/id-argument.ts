import { InvalidArgumentError } from 'commander';

import { idSchema } from '../contracts/id.ts';
import type { IdKind } from '../domain/ids.ts';

/** Reads an id of this kind from the command line. `hint` says where a person finds one. */
export function idArgument<Kind extends IdKind>(kind: Kind, hint: string) {
  const schema = idSchema(kind);
  return (text: string) => {
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(`The ${kind} ${parsed.error.issues[0]?.message ?? 'must be an id'}; ${hint}.`);
  };
}
