import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';
import type { TestProject } from 'vitest/node';

import { applyMigrations } from '../../db/apply-migrations.ts';
import { ensureTemporalCli } from '../../scripts/setup/temporal-cli.mjs';
import { startPostgres } from '../../scripts/stack/embedded-postgres.ts';
import { startTemporalServer } from '../../scripts/stack/temporal-server.ts';
import { bundleWorkflows } from '../../worker/workflow-bundle.ts';
import { fillCompileCache } from './compile-cache.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Superuser's URL of the cluster that all test files share. */
    readonly postgresAdminUrl: string;
    readonly temporalAddress: string;
    readonly temporalCliPath: string;
    /** File of the workflow code, so that not each of the many workers bundles it. */
    readonly workflowBundle: string;
    /** For NODE_COMPILE_CACHE. */
    readonly compileCache: string;
  }
}

export const templateDatabase = 'ordeal_template';
export const appPassword = 'test-only';

/** One real PostgreSQL and one real Temporal server for all test files; both end with the tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'ordeal-test-'));
  const ignore = () => undefined;
  const temporalCliPath = await ensureTemporalCli();
  const postgres = await startPostgres({ dataDir: join(folder, 'postgres'), log: ignore });
  const temporal = await startTemporalServer({
    cliPath: temporalCliPath,
    dbFile: join(folder, 'temporal.db'),
    headless: true,
    log: ignore,
  });
  await makeTemplate(postgres.adminUrl);
  const workflowBundle = join(folder, 'workflow-bundle.js');
  await writeFile(workflowBundle, (await bundleWorkflows()).code);
  const compileCache = join(folder, 'compile-cache');
  await fillCompileCache(compileCache);
  project.provide('postgresAdminUrl', postgres.adminUrl);
  project.provide('temporalAddress', temporal.address);
  project.provide('temporalCliPath', temporalCliPath);
  project.provide('workflowBundle', workflowBundle);
  project.provide('compileCache', compileCache);
  return async () => {
    await Promise.all([temporal.stop(), postgres.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
}

export async function makeTemplate(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(`create database ${templateDatabase}`);
  await client.end();
  const url = databaseUrl(adminUrl, templateDatabase);
  await applyMigrations({ adminUrl: url, appUrl: appUrl(url), log: () => undefined });
}

export function databaseUrl(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** The same database as the application's role sees it. */
export function appUrl(adminUrl: string): string {
  const url = new URL(adminUrl);
  url.username = 'ordeal_app';
  url.password = appPassword;
  return url.href;
}
