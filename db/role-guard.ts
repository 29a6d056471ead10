import { sql, type Kysely } from 'kysely';

import { OrdealError } from '../domain/failures.ts';
import type { DB } from './tables.generated.ts';

interface RoleFacts {
  readonly role: string;
  readonly is_superuser: boolean;
  readonly can_bypass: boolean;
  readonly owned_tables: number;
  readonly is_owner_member: boolean;
  readonly unguarded_tables: string[];
}

/** Throws `forbidden` unless row-level security binds the connected role on every table. */
export async function assertRoleIsConfined(db: Kysely<DB>): Promise<void> {
  const result = await sql<RoleFacts>`
    select r.rolname as role, r.rolsuper as is_superuser, r.rolbypassrls as can_bypass,
      (select count(*)::int from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relowner = r.oid) as owned_tables,
      exists (select 1 from pg_roles o where o.rolname = 'ordeal_owner' and pg_has_role(r.oid, o.oid, 'member')) as is_owner_member,
      array(select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relname <> 'schema_migrations'
          and not (c.relrowsecurity and c.relforcerowsecurity)) as unguarded_tables
    from pg_roles r where r.rolname = current_user`.execute(db);
  const facts = result.rows[0];
  const faults = facts === undefined ? ['the current role is not in pg_roles'] : describeFaults(facts);
  if (faults.length > 0) {
    throw new OrdealError(
      'forbidden',
      `Refusing to start: the role of DATABASE_URL could see past row-level security (${faults.join('; ')}). ` +
        'Use the login role that `npm run migrate` prepares, not the owner or a superuser.',
    );
  }
}

function describeFaults(facts: RoleFacts): string[] {
  const faults: string[] = [];
  if (facts.is_superuser) faults.push(`"${facts.role}" is a superuser`);
  if (facts.can_bypass) faults.push(`"${facts.role}" has BYPASSRLS`);
  if (facts.owned_tables > 0) faults.push(`"${facts.role}" owns ${facts.owned_tables} tables`);
  if (facts.is_owner_member) faults.push(`"${facts.role}" is a member of ordeal_owner`);
  if (facts.unguarded_tables.length > 0) faults.push(`tables without forced row-level security: ${facts.unguarded_tables.join(', ')}`);
  return faults;
}
