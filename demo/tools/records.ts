import { runQuery } from './tiny-sql.ts';
import { done, failed, type Tool } from './tool.ts';

export const recordTools = {
  /** The query of one's own order; `value`, where given, takes the place of its `?`. */
  'records.query': {
    effect: 'read',
    ownersOf: (_world, { scope, person }) => [scope === 'all' ? 'internal' : String(person)],
    run: (world, { sql, value }) => {
      const result = runQuery(String(sql), { orders: world.orders, people: peopleOf(world) }, value === undefined ? [] : [String(value)]);
      if (!result.ok) return failed(`the query failed near "${result.error}"`);
      const lines = result.rows.map((row) => row.join(', '));
      return done(lines.join('\n') || 'no such record', lines);
    },
  },
} as const satisfies Record<string, Tool>;

function peopleOf({ people }: Parameters<Tool['run']>[0]): readonly Readonly<Record<string, string>>[] {
  return people.map(({ id, name, mail, phone, role }) => ({ id, name, mail, phone, role }));
}
