import type pg from 'pg';

import { OrdealError } from '../../domain/failures.ts';
import { describeTable, listTables } from './describe-table.ts';

/**
 * Tells the schema `public` as SQL, read from PostgreSQL's catalogs: the same schema gives the same bytes.
 *
 * The SQL can be run: in an empty database, by a role that may become `ordeal_owner`, it makes this schema again.
 * Throws when the schema holds a kind of object that is not told here, so that nothing is left out in silence.
 */
export async function describeSchema(client: pg.ClientBase): Promise<string> {
  await refuseUntold(client);
  const parts = [
    header,
    ...(await column(client, functionsQuery)).map((text) => `${text}\n`),
    ...(await column(client, functionGrantsQuery)).map((text, index, all) => (index === all.length - 1 ? `${text}\n` : text)),
  ];
  for (const table of await listTables(client)) parts.push(await describeTable(client, table));
  return `${parts.join('\n')}`;
}

const header = `-- The schema as the migrations of db/migrations leave it. Generated: change it by a new migration, then \`npm run db:schema\`.

set role ordeal_owner;
set check_function_bodies = off;
`;

async function refuseUntold(client: pg.ClientBase): Promise<void> {
  const untold = await column(client, untoldQuery);
  if (untold.length > 0) {
    throw new OrdealError('internal', `db/schema-dump does not know how to tell ${untold.join(', ')}: teach it first.`);
  }
}

async function column(client: pg.ClientBase, query: string): Promise<string[]> {
  const { rows } = await client.query<{ text: string }>(query);
  return rows.map((row) => row.text);
}

/** Views, sequences, partitions, types, procedures, aggregates and objects of another owner. */
const untoldQuery = `
  select format('%s %I', case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
    when 'p' then 'partitioned table' else 'relation' end, c.relname) as text
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and (c.relkind not in ('r', 'i') or c.relispartition)
  union all
  select format('type %I', t.typname) from pg_type t
  where t.typnamespace = 'public'::regnamespace and t.typtype not in ('c', 'b')
  union all
  select format('routine %I', p.proname) from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prokind <> 'f'
  union all
  select format('%I, which is not owned by ordeal_owner', c.relname) from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relowner <> 'ordeal_owner'::regrole
  order by 1`;

const functionsQuery = `
  select rtrim(pg_get_functiondef(p.oid), E'\\n') || ';' as text
  from pg_proc p where p.pronamespace = 'public'::regnamespace
  order by p.proname collate "C", pg_get_function_identity_arguments(p.oid) collate "C"`;

const functionGrantsQuery = `
  select told.text from pg_proc p
  cross join lateral (
    select 0 as rank, format('revoke all on function %s from public;', p.oid::regprocedure) as text
    where p.proacl is not null and not exists (select from aclexplode(p.proacl) a where a.grantee = 0)
    union all
    select 1, format('grant execute on function %s to %s;', p.oid::regprocedure, string_agg(a.grantee::regrole::text, ', ' order by a.grantee::regrole::text collate "C"))
    from aclexplode(p.proacl) a where a.grantee not in (0, p.proowner) having count(*) > 0
  ) told
  where p.pronamespace = 'public'::regnamespace
  order by p.proname collate "C", pg_get_function_identity_arguments(p.oid) collate "C", told.rank`;
