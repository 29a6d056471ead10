import { z } from 'zod';
import { idPattern, idPrefixes, type Id, type IdKind } from '../domain/ids.ts';

/** An id of this kind, as clients send and get it. */
export function idSchema<Kind extends IdKind>(kind: Kind): z.ZodType<Id<(typeof idPrefixes)[Kind]>, string> {
  const prefix = idPrefixes[kind];
  const schema = z
    .string()
    .regex(new RegExp(idPattern(kind)), `must be an id that looks like ${prefix}_01k9z3v4x5y6a7b8c9d0e1f2g3`)
    .meta({ description: `Id of a ${kind}`, example: `${prefix}_01k9z3v4x5y6a7b8c9d0e1f2g3` });
  return schema as unknown as z.ZodType<Id<(typeof idPrefixes)[Kind]>, string>;
}

/** A moment as ISO 8601 in UTC. */
export const timestampSchema = z.string().meta({ format: 'date-time', example: '2026-11-21T04:50:00.000Z' });
