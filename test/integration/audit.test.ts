import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { insertAudit } from '../../db/insert-audit.ts';
import { withOrg } from '../../db/with-org.ts';
import { checkAuditExport, type AuditExportLine } from '../../runtime/check-audit-export.ts';
import { createLogger } from '../../runtime/logger.ts';
import { reportKeyOf } from '../../runtime/report-signature.ts';
import { AuditAnchors } from '../../worker/audit-anchors.ts';
import { startCli, type CliResult } from '../harness/cli-process.ts';
import { inWaves } from '../harness/in-waves.ts';
import { createTenant, type TestTenant } from '../harness/plan-run.ts';
import { apiClient, at } from '../harness/test-api.ts';
import { testSecretKey } from '../harness/test-worker.ts';
import { useApi } from '../harness/use-api.ts';

const under = useApi();
const key = reportKeyOf(testSecretKey);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'audit-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function audit(tenant: TestTenant, entries: number): Promise<void> {
  for (let entry = 0; entry < entries; entry += 1) {
    await withOrg(under.db.database, tenant.orgId, (tx) =>
      insertAudit(tx, {
        orgId: tenant.orgId,
        action: 'test.entry',
        actor: 'tëst 👩',
        objectType: 'test',
        objectId: String(entry),
        detail: { b: 'ü' as const, a: [1, 2.5, null], long: { nested: true } },
      }),
    );
  }
}

const anchors = (lines: string[] = []): AuditAnchors => {
  const log = createLogger({ name: 'test', level: 'info', destination: { write: (line) => void lines.push(line) } });
  return new AuditAnchors({ database: under.db.database, key, log });
};

function cli(tenant: TestTenant, ...args: string[]): Promise<CliResult> {
  return startCli(args, { ORDEAL_URL: under.api.url, ORDEAL_API_KEY: tenant.apiKey }).ended;
}

let exports = 0;
async function exportOf(tenant: TestTenant): Promise<string> {
  exports += 1;
  const file = path.join(folder, `${exports}.ndjson`);
  const result = await cli(tenant, 'audit', 'export', '--out', file);
  expect([result.code, result.stderr]).toEqual([0, '']);
  return file;
}

async function check(lines: readonly string[], known: Parameters<typeof checkAuditExport>[1] = {}) {
  async function* each(): AsyncGenerator<string> {
    yield* lines;
    await Promise.resolve();
  }
  return checkAuditExport(each(), known);
}

const linesOf = async (file: string): Promise<string[]> => (await readFile(file, 'utf8')).trimEnd().split('\n');
const parse = (line: string | undefined): AuditExportLine => JSON.parse(line ?? '') as AuditExportLine;

describe('an audit chain', () => {
  it('is exported whole, and verifies offline with the key of the installation', async () => {
    const tenant = await createTenant(under.db.database, 'Whole');
    await audit(tenant, 3);
    await anchors().sweep();
    await audit(tenant, 600);
    const file = await exportOf(tenant);
    const result = await cli(tenant, 'audit', 'verify', file, '--key', key.fingerprint);
    expect([result.code, result.stdout]).toEqual([0, expect.stringMatching(/604 audit rows .*\n\s+signed anchors on the way {2}1\n/)]);
    expect((await cli(tenant, 'audit', 'verify', file, '--key', 'ab'.repeat(32))).stdout).toMatch(/signed with another key/);
  });

  it('gives away every changed byte, missing line and cut tail', async () => {
    const tenant = await createTenant(under.db.database, 'Tampered');
    await audit(tenant, 4);
    await anchors().sweep();
    const lines = await linesOf(await exportOf(tenant));
    expect(await check(lines)).toMatchObject({ isValid: true, entries: 5 });
    for (const [index, line] of lines.entries()) {
      expect([index, (await check(lines.filter((_, other) => other !== index))).isValid]).toEqual([index, parse(line).kind === 'anchor']);
      const changed = changedFields(line).map((variant) => check(lines.with(index, variant)));
      expect((await Promise.all(changed)).filter(({ isValid }) => isValid)).toEqual([]);
    }
    expect(await check(lines.slice(0, -1))).toMatchObject({ isValid: false, reason: expect.stringMatching(/tail is cut off/) });
  });

  it('is not taken for whole with anything in it that no hash covers, at another place, or renumbered', async () => {
    const tenant = await createTenant(under.db.database, 'Bytes');
    await audit(tenant, 4);
    const file = await exportOf(tenant);
    const lines = await linesOf(file);
    const [header = '', first = '', second = '', ...others] = lines;
    const renumbered = [first, ...others].map((line, index) => line.replace(/"seq":\d+/, `"seq":${index + 1}`));
    const variants = [
      [header, first.replace('{', '{"actor":"somebody else",'), second, ...others],
      [header, first.replace('{', '{"note":"x",'), second, ...others],
      [header, first.replace('{', '{ '), second, ...others],
      [header, first.replace('test', '\\u0074est'), second.replace('test', '\\u0074est'), ...others],
      [header, '', first, second, ...others],
      [header, second, first, ...others],
      [header, first, first, second, ...others],
      [header, second, ...others],
      [header, ...renumbered],
      [first, second, ...others],
    ];
    expect(await Promise.all(variants.map(async (variant) => (await check(variant)).isValid))).toEqual(variants.map(() => false));
    await writeFile(file, `\ufeff${lines.join('\n')}`);
    expect((await cli(tenant, 'audit', 'verify', file)).code).toBe(1);
    await writeFile(file, Buffer.concat([Buffer.from(lines.join('\n')), Buffer.from([0xff])]));
    expect((await cli(tenant, 'audit', 'verify', file)).code).toBe(2);
  });

  it('is exported and checked whatever characters its rows hold', async () => {
    const tenant = await createTenant(under.db.database, 'Odd');
    const odd = 'a\u2028b\u2029c\u0085d\re\ufffdf"g\\';
    const entry = {
      orgId: tenant.orgId,
      action: 'test.odd',
      actor: odd,
      objectType: odd,
      objectId: odd,
      requestId: odd,
      detail: { [odd]: odd as typeof odd },
    };
    await withOrg(under.db.database, tenant.orgId, (tx) => insertAudit(tx, entry));
    expect((await cli(tenant, 'audit', 'verify', await exportOf(tenant))).stdout).toMatch(/^VALID.* 2 audit rows/);
  });

  /** The line with one field after the other changed. */
  function changedFields(line: string): string[] {
    const parsed = JSON.parse(line) as Record<string, unknown>;
    return Object.entries(parsed).map(([name, value]) =>
      JSON.stringify({ ...parsed, [name]: typeof value === 'number' ? value + 1 : `${String(value)}x` }),
    );
  }

  it('that was built anew in the database from a changed row on no longer fits its anchors', async () => {
    const tenant = await createTenant(under.db.database, 'Rebuilt');
    await audit(tenant, 5);
    await anchors().sweep();
    await audit(tenant, 2);
    const earlier = await exportOf(tenant);
    await rebuild(tenant, 3);
    const file = await exportOf(tenant);
    const result = await cli(tenant, 'audit', 'verify', file);
    expect([result.code, result.stdout]).toEqual([1, expect.stringMatching(/built anew: entry 6 is not the one that was signed/)]);
    const withoutAnchors = (await linesOf(file)).filter((line) => parse(line).kind !== 'anchor');
    await writeFile(file, `${withoutAnchors.join('\n')}\n`);
    expect((await cli(tenant, 'audit', 'verify', file)).code).toBe(0);
    expect((await cli(tenant, 'audit', 'verify', file, '--against', earlier)).stdout).toMatch(/NOT VALID.*built anew/);
  });

  it('that was built anew is not signed any more, and does not fit what the log of a worker says, whatever became of its anchors', async () => {
    const tenant = await createTenant(under.db.database, 'Relogged');
    const lines: string[] = [];
    await audit(tenant, 3);
    await anchors(lines).sweep();
    await rebuild(tenant, 2);
    await audit(tenant, 1);
    await anchors(lines).sweep();
    const told = lines.map((line) => JSON.parse(line) as { level: string; orgId?: string; seq?: number });
    expect(told.filter(({ orgId }) => orgId === tenant.orgId)).toMatchObject([{ level: 'error', seq: 4 }]);
    await past(`delete from audit_anchors where org_id = '${tenant.orgId}'`);
    const file = await exportOf(tenant);
    expect((await cli(tenant, 'audit', 'verify', file)).code).toBe(0);
    const log = path.join(folder, 'worker.log');
    await writeFile(log, lines.map((line) => `worker-1  | ${line.trimEnd()}\n`).join(''));
    const against = await cli(tenant, 'audit', 'verify', file, '--against', log);
    expect([against.code, against.stdout]).toEqual([1, expect.stringMatching(/built anew: entry 4 is not the one that was signed/)]);
    const other = await createTenant(under.db.database, 'Unlogged');
    expect((await cli(other, 'audit', 'verify', await exportOf(other), '--against', log)).stdout).toMatch(/has no anchor of organization/);
  });

  it('that was cut and signed again does not fit an earlier export', async () => {
    const tenant = await createTenant(under.db.database, 'Cut');
    await audit(tenant, 5);
    const earlier = await exportOf(tenant);
    await past(`delete from audit_chain where org_id = '${tenant.orgId}' and seq > 4;
      update audit_heads set seq = 4, hash = (select hash from audit_chain where org_id = '${tenant.orgId}' and seq = 4) where org_id = '${tenant.orgId}'`);
    const file = await exportOf(tenant);
    expect((await cli(tenant, 'audit', 'verify', file)).code).toBe(0);
    const against = await cli(tenant, 'audit', 'verify', file, '--against', earlier);
    expect([against.code, against.stdout]).toEqual([1, expect.stringMatching(/ends at entry 4, and it once had entry 6/)]);
  });

  /** What somebody could do who is superuser of the database: change a row, and hash everything after it again. */
  async function rebuild(tenant: TestTenant, fromSeq: number): Promise<void> {
    await past(`
      update audit_logs set actor = 'nobody' where (org_id, audit_id) =
        (select org_id, audit_id from audit_chain where org_id = '${tenant.orgId}' and seq = ${fromSeq});
      do $$ declare r record; link text; begin
        select hash into link from audit_chain where org_id = '${tenant.orgId}' and seq = ${fromSeq - 1};
        for r in select c.seq, a.* from audit_chain c join audit_logs a using (org_id, audit_id)
          where c.org_id = '${tenant.orgId}' and c.seq >= ${fromSeq} order by c.seq loop
          link := audit_hash(array['ordeal-audit/1', link, r.seq::text, r.org_id, r.audit_id,
            to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.action, r.actor, r.object_type, r.object_id, r.request_id, r.detail::text]);
          update audit_chain set hash = link where org_id = r.org_id and seq = r.seq;
        end loop;
        update audit_heads set hash = link where org_id = '${tenant.orgId}';
      end $$`);
  }

  async function past(statements: string): Promise<void> {
    await under.db.query(`set session_replication_role = replica; ${statements}; set session_replication_role = origin`);
  }

  it('is one unbroken line under 200 transactions, many at once, of which some are undone', async () => {
    const tenant = await createTenant(under.db.database, 'Crowd');
    const undone = new Error('undone');
    const write = (index: number): Promise<void> =>
      withOrg(under.db.database, tenant.orgId, async (tx) => {
        for (const part of [1, 2]) {
          const entry = { orgId: tenant.orgId, action: 'test.crowd', actor: 'test', objectType: 'test', objectId: `${index}/${part}` };
          await insertAudit(tx, entry);
        }
        if (index % 10 === 0) throw undone;
      });
    const results = await inWaves(200, (index) => write(index).catch((error: unknown) => error));
    expect(results.filter((error) => error !== undefined)).toEqual(Array(20).fill(undone));
    expect(await check(await linesOf(await exportOf(tenant)))).toMatchObject({ isValid: true, entries: 361 });
  });

  it('is anchored in the log as well, once for each place', async () => {
    const tenant = await createTenant(under.db.database, 'Logged');
    const lines: string[] = [];
    await anchors().sweep();
    await audit(tenant, 1);
    await Promise.all([anchors(lines).sweep(), anchors(lines).sweep()]);
    await anchors(lines).sweep();
    const logged = lines
      .map((line) => JSON.parse(line) as { anchor?: { orgId: string; seq: number } })
      .filter(({ anchor }) => anchor?.orgId === tenant.orgId);
    expect(new Set(logged.map(({ anchor }) => anchor?.seq))).toEqual(new Set([2]));
    const rows = await under.db.query('select seq from audit_anchors where org_id = $1 order by seq', [tenant.orgId]);
    expect(rows).toEqual([{ seq: '1' }, { seq: '2' }]);
  });
});

describe('audit rows', () => {
  const statements = [
    "update audit_logs set actor = 'x'",
    'delete from audit_logs',
    'truncate audit_logs cascade',
    'delete from audit_chain',
    'truncate audit_anchors',
  ];
  it.each(statements)('can be changed by nobody: %s', async (statement) => {
    await audit(under.tenant, 1);
    await anchors().sweep();
    // The owner sees no row of a table whose row-level security is forced: there is nothing to be refused, but a truncation.
    const asOwner = statement.startsWith('truncate') ? ["select set_config('role', 'ordeal_owner', true);"] : [];
    for (const become of ["select set_config('role', 'ordeal_app', true);", ...asOwner, '']) {
      // Statements of one message are one transaction.
      const run = under.db.query(`${become} select set_config('ordeal.org_id', '${under.tenant.orgId}', true); ${statement}`);
      await expect(run).rejects.toThrow(become.includes('ordeal_app') ? /permission denied/ : /append-only/);
    }
  });

  it('cannot be chained by the application itself', async () => {
    const write = withOrg(under.db.database, under.tenant.orgId, (tx) =>
      tx.insertInto('audit_chain').values({ org_id: under.tenant.orgId, seq: '999', audit_id: 'aud_x', hash: 'x' }).execute(),
    );
    await expect(write).rejects.toThrow(/permission denied/);
  });

  it('tell of a denial who was refused what, and of a repeated request nothing new', async () => {
    const { client, api } = under;
    const member = await client.post('/api/members', { name: 'Reader', role: 'viewer' });
    const made = await client.post('/api/api-keys', { memberId: member.json['memberId'], name: 'reader' });
    const reader = apiClient(api.url, String(made.json['apiKey']));
    const { projectId } = under.tenant;
    expect((await reader.post(`/api/projects/${projectId}/targets`, {})).status).toBe(403);
    const denied = await client.get('/api/audit-logs?action=denied');
    expect(denied.json['items']).toMatchObject([
      {
        actor: made.json['keyId'],
        objectType: 'endpoint',
        objectId: 'createTarget',
        detail: { failure: 'forbidden', params: { projectId } },
      },
    ]);
    const again = { 'idempotency-key': 'once' };
    const [first, second] = [
      await client.post('/api/projects', { name: 'x' }, again),
      await client.post('/api/projects', { name: 'x' }, again),
    ];
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    const rows = await client.get(`/api/audit-logs?objectId=${String(first.json['projectId'])}`);
    expect(rows.json['items']).toMatchObject([{ action: 'project.create' }]);
  });

  it('are found by action, its beginning, actor, object and time, page by page, newest first', async () => {
    const tenant = await createTenant(under.db.database, 'Filtered');
    await audit(tenant, 7);
    const client = apiClient(under.api.url, tenant.apiKey);
    const ids: string[] = [];
    let cursor = '';
    for (let page = 0; page < 4; page += 1) {
      const { json } = await client.get(`/api/audit-logs?action=test.*&limit=3${cursor}`);
      ids.push(...(json['items'] as { objectId: string }[]).map(({ objectId }) => objectId));
      const next = json['nextCursor'];
      if (typeof next !== 'string') break;
      cursor = `&cursor=${next}`;
    }
    expect(ids).toEqual(['6', '5', '4', '3', '2', '1', '0']);
    const third = await client.get('/api/audit-logs?objectId=3&actor=t%C3%ABst%20%F0%9F%91%A9&objectType=test');
    const atThird = String(at(third.json, 'items.0.at'));
    const before = await client.get(`/api/audit-logs?action=test.entry&to=${atThird}`);
    expect((before.json['items'] as unknown[]).length).toBe(3);
    expect((await client.get('/api/audit-logs?from=yesterday')).status).toBe(400);
    expect((await client.get('/api/audit-logs?action=test.entry&from=2999-01-01T00:00:00Z')).json['items']).toEqual([]);
  });
});
