import { applyMigrations } from './apply-migrations.ts';

/** `npm run migrate`: brings the database of DATABASE_ADMIN_URL to the newest schema. */
const adminUrl = process.env['DATABASE_ADMIN_URL'];
const appUrl = process.env['DATABASE_URL'];
if (adminUrl === undefined || appUrl === undefined) {
  process.stderr.write(
    'npm run migrate needs DATABASE_ADMIN_URL (a role that may create roles) and DATABASE_URL (the login role to prepare).\n',
  );
  process.exitCode = 2;
} else {
  await applyMigrations({ adminUrl, appUrl, log: (message) => process.stdout.write(`${message}\n`) });
  process.stdout.write('The database is up to date.\n');
}
