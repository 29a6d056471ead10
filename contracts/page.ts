import { z } from 'zod';

const defaultPageSize = 20;
const maxPageSize = 100;

/** The query of every list. */
export const pageQueryShape = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/, `must be a whole number from 1 to ${maxPageSize}`)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= maxPageSize, `must be a whole number from 1 to ${maxPageSize}`)
    .default(defaultPageSize)
    .meta({ description: 'Items at most', override: { type: 'integer', minimum: 1, maximum: maxPageSize, default: defaultPageSize } }),
  cursor: z.string().max(500, 'must be a nextCursor of this list').optional().meta({ description: '`nextCursor` of the page before' }),
} as const;

/** A page of a list: `nextCursor` is null on the last one. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item).readonly(), nextCursor: z.string().nullable() });
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}
