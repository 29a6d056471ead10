/**
 * `npm run db:schema`: writes db/schema.sql and db/tables.generated.ts anew, from a temporary PostgreSQL that all migrations
 * were applied to. With `--check` it writes nothing, and fails with a diff when a file differs.
 */
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { applyMigrations } from '../db/apply-migrations.ts';
import { describeSchema } from '../db/schema-dump/describe-schema.ts';
import { lineDifferences } from './check/line-differences.ts';
import { runNode, toolPath } from './check/run-tool.ts';
import { root, temporaryDataFolder } from './stack/data-folder.ts';
import { startPostgres } from './stack/embedded-postgres.ts';

const isCheck = process.argv.includes('--check');
const folder = temporaryDataFolder('schema');
const postgres = await startPostgres({ dataDir: path.join(folder, 'postgres'), log: () => undefined });
try {
  const generated = await generate(postgres.adminUrl);
  for (const [file, text] of Object.entries(generated)) settle(file, text);
} finally {
  await postgres.stop();
  fs.rmSync(folder, { recursive: true, force: true });
}

async function generate(adminUrl: string): Promise<Record<string, string>> {
  const appUrl = new URL(adminUrl);
  appUrl.username = 'ordeal_app';
  await applyMigrations({ adminUrl, appUrl: appUrl.href, log: () => undefined });
  return { 'db/schema.sql': await readSchema(adminUrl), 'db/tables.generated.ts': await generateTypes(adminUrl) };
}

async function readSchema(adminUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    return await describeSchema(client);
  } finally {
    await client.end();
  }
}

async function generateTypes(adminUrl: string): Promise<string> {
  const file = path.join(folder, 'tables.generated.ts');
  const options = ['--dialect', 'postgres', '--type-only-imports', '--camel-case=false', '--exclude-pattern', 'schema_migrations'];
  const { exitCode, output } = await runNode([toolPath('kysely-codegen'), '--url', adminUrl, ...options, '--out-file', file]);
  if (exitCode !== 0) throw new Error(`kysely-codegen failed:\n${output}`);
  return fs.readFileSync(file, 'utf8');
}

function settle(file: string, text: string): void {
  const at = path.join(root, file);
  const present = fs.existsSync(at) ? fs.readFileSync(at, 'utf8') : '';
  if (present === text) return;
  if (!isCheck) {
    fs.writeFileSync(at, text);
    process.stdout.write(`wrote ${file}\n`);
    return;
  }
  process.stdout.write(`${file} differs from what the migrations make (- file, + migrations); run \`npm run db:schema\`:\n`);
  for (const line of lineDifferences(present, text)) process.stdout.write(`${line}\n`);
  process.exitCode = 1;
}
