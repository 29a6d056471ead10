import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import pg from 'pg';

import { OrdealError } from '../domain/failures.ts';

export interface MigrationOptions {
  /** A role that may create roles and use `public` of its database. */
  readonly adminUrl: string;
  /** The application's URL: its user is created, or given this password, as a login role that owns nothing. */
  readonly appUrl: string;
  readonly log: (message: string) => void;
}

const migrationsFolder = join(import.meta.dirname, 'migrations');
/** Any number will do, as long as every migrating process takes the same one. */
const advisoryLock = 7_316_220_041;

/** Brings the database to the newest schema; running it again, or twice at once, changes nothing. */
export async function applyMigrations(options: MigrationOptions): Promise<void> {
  const client = new pg.Client({ connectionString: options.adminUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [advisoryLock]);
    await ensureRoles(client, options.appUrl);
    await client.query('set role ordeal_owner');
    await client.query(
      'create table if not exists schema_migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())',
    );
    await applyPending(client, options.log);
  } finally {
    await client.end();
  }
}

async function ensureRoles(client: pg.Client, appUrl: string): Promise<void> {
  const url = new URL(appUrl);
  const login = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  if (login === '' || login === 'ordeal_owner') {
    throw new OrdealError('invalid_request', 'DATABASE_URL must name the login role of the application, such as ordeal_app.');
  }
  await createRoleUnlessPresent(client, 'ordeal_owner', 'nologin');
  await createRoleUnlessPresent(client, 'ordeal_app', 'nologin');
  await createRoleUnlessPresent(client, login, 'login');
  const quotedLogin = client.escapeIdentifier(login);
  await client.query(`alter role ${quotedLogin} login${password === '' ? '' : ` password ${client.escapeLiteral(password)}`}`);
  if (login !== 'ordeal_app') await client.query(`grant ordeal_app to ${quotedLogin}`);
  await client.query('grant ordeal_owner to current_user');
  await client.query('grant usage, create on schema public to ordeal_owner');
  await client.query('grant usage on schema public to ordeal_app');
}

async function createRoleUnlessPresent(client: pg.Client, name: string, kind: 'login' | 'nologin'): Promise<void> {
  const found = await client.query('select 1 from pg_roles where rolname = $1', [name]);
  if (found.rowCount === 0) await client.query(`create role ${client.escapeIdentifier(name)} ${kind}`);
}

async function applyPending(client: pg.Client, log: (message: string) => void): Promise<void> {
  const applied = await client.query<{ name: string; checksum: string }>('select name, checksum from schema_migrations');
  const checksums = new Map(applied.rows.map((row) => [row.name, row.checksum]));
  const names = (await readdir(migrationsFolder)).filter((name) => name.endsWith('.sql')).toSorted();
  for (const name of names) {
    const text = await readFile(join(migrationsFolder, name), 'utf8');
    const checksum = createHash('sha256').update(text).digest('hex');
    const known = checksums.get(name);
    if (known === checksum) continue;
    if (known !== undefined) {
      throw new OrdealError('conflict', `Migration ${name} was changed after it was applied. Restore it and write a new one.`);
    }
    await applyOne(client, { name, text, checksum });
    log(`applied ${name}`);
  }
}

async function applyOne(client: pg.Client, migration: { name: string; text: string; checksum: string }): Promise<void> {
  await client.query('begin');
  try {
    await client.query(migration.text);
    await client.query('insert into schema_migrations (name, checksum) values ($1, $2)', [migration.name, migration.checksum]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
