import { z } from 'zod';

import { OrdealError } from '../domain/failures.ts';
import { isStorable } from '../domain/storable-text.ts';
import type { Page } from '../contracts/page.ts';

/** The sort key of the last row of a page, opaque to clients. */
export interface PageCursor<Key> {
  /** Undefined for the first page; throws `invalid_request` for a cursor that is not of this list. */
  decode(cursor: string | undefined): Key | undefined;
  /** A page from up to `limit + 1` rows: the extra one says that there is a next page. */
  page<Row>(rows: readonly Row[], limit: number, keyOf: (row: Row) => Key): Page<Row>;
}

/** What sort keys are made of. A cursor comes back from outside, so each takes no more than the column that it is compared with. */
export const cursorKey = {
  text: z.string().refine(isStorable),
  no: z.int32().min(0),
  time: z.iso.datetime().refine((time) => !time.startsWith('0000')),
} as const;

/** Makes the cursor of one list. `list` is part of it, so that a cursor of another list is refused. */
export function pageCursor<Key>(list: string, schema: z.ZodType<Key>): PageCursor<Key> {
  const envelope = z.tuple([z.literal(list), schema]);
  return {
    decode: (cursor) => {
      if (cursor === undefined) return undefined;
      const result = envelope.safeParse(parse(cursor));
      if (result.success) return result.data[1];
      throw new OrdealError('invalid_request', 'query.cursor is not a nextCursor of this list', {
        issues: [{ field: 'query.cursor', message: 'is not a nextCursor of this list; leave it out for the first page' }],
      });
    },
    page: (rows, limit, keyOf) => {
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      const hasMore = rows.length > limit && last !== undefined;
      return { items, nextCursor: hasMore ? Buffer.from(JSON.stringify([list, keyOf(last)])).toString('base64url') : null };
    },
  };
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
