import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { ApprovalDesk, type DeskMember } from '../harness/approval-desk.ts';
import { approvalsOf, setPolicy, strictPolicy } from '../harness/approvals.ts';
import { startCli, type CliResult } from '../harness/cli-process.ts';
import { useEngine } from '../harness/engine.ts';
import { createTenant } from '../harness/plan-run.ts';
import { checkoutRoot } from '../harness/service-env.ts';
import { startTestApi, type TestApi } from '../harness/test-api.ts';

const engine = useEngine({ hasReconciler: true });
let api: TestApi;
let desk: ApprovalDesk;
let approver: DeskMember;
let viewer: DeskMember;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ordeal-approvals-'));
  api = await startTestApi({ database: engine.db.database, taskQueue: engine.worker.taskQueue, allowPorts: [engine.agent.port] });
  desk = new ApprovalDesk({ db: engine.db, url: api.url, tenant: engine.tenant, agentUrl: engine.agent.url });
  await setPolicy(engine.db, engine.tenant, strictPolicy);
  [approver, viewer] = await Promise.all([desk.newMember('approver'), desk.newMember('viewer')]);
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

function ordealAs(apiKey: string): (...args: readonly string[]) => Promise<CliResult> {
  return (...args) => startCli(args, { ORDEAL_URL: api.url, ORDEAL_API_KEY: apiKey, TZ: 'Asia/Tokyo' }).ended;
}
const asApprover = (...args: readonly string[]) => ordealAs(approver.apiKey)(...args);
const asAdmin = (...args: readonly string[]) => ordealAs(engine.tenant.apiKey)(...args);

describe('ordeal approvals', () => {
  it('lists what waits, and shows all that a person needs in order to decide', async () => {
    const { runId, approvalId } = await desk.waiting();
    const inbox = await asApprover('approvals', '--run', runId);
    expect(inbox).toMatchObject({ code: 0, stderr: '' });
    expect(inbox.stdout).toMatch(
      new RegExp(`^${approvalId} +high +pending +\\d+ \\w+ \\d{4}, \\d\\d:\\d\\d GMT\\+9 \\(in 7 h 5\\d min\\) +agent +R`, 'm'),
    );
    const { code, stdout } = await asApprover('approvals', 'show', approvalId);
    expect(code).toBe(0);
    for (const part of [
      new RegExp(`^${approvalId}: pending until .* GMT\\+9 \\(in 7 h 5\\d min\\), one approval is needed$`, 'm'),
      /^ {2}target {3}agent \(test\)$/m,
      new RegExp(`^ {2}run {6}${runId}$`, 'm'),
      /^ {2}asked by the rule ".+" of pol_\w+, version 1$/m,
      new RegExp(`^ {2}may decide .*A approver \\(${approver.memberId}\\)`, 'm'),
      /^ {2}have no say .*\(mbr_\w+\): they asked for this, or edited it$/m,
      /^ {2}high {6}.+ \(command\.sudo\), in prompt at \d+ to \d+: .*sudo/m,
      new RegExp(`^ {2}POST ${engine.agent.url}`, 'm'),
      /^ {2}content-type: application\/json$/im,
      /^ {2}\{"message":"Run sudo reboot, /m,
      /^The agent is told:\n\n {2}Run sudo reboot, /m,
      new RegExp(`^ordeal approvals reject ${approvalId} --comment`, 'm'),
    ]) {
      expect(stdout).toMatch(part);
    }
    expect(stdout).not.toMatch(new RegExp(`may decide .*${viewer.memberId}`));
    const reasons = stdout.split('\n').filter((line) => /\(command\.sudo\)/.test(line));
    expect(reasons).toEqual([...new Set(reasons)]);
    expect(JSON.parse((await asApprover('approvals', 'show', approvalId, '--json')).stdout)).toMatchObject({ approvalId, runId });
    expect(await asApprover('approvals', 'approve', approvalId)).toMatchObject({ code: 0, stdout: `${approvalId}: approved\n` });
    const late = await asApprover('approvals', 'reject', approvalId, '--comment', 'too late');
    expect([late.code, late.stderr]).toEqual([2, expect.stringContaining(`It was approved by ${approver.memberId}.`)]);
    expect((await asApprover('approvals', 'show', approvalId)).stdout).toMatch(
      /: approved since .*\n[^]*A approver \(mbr_\w+\): approve$/m,
    );
    expect((await engine.ended(runId)).outcomes).toEqual({ resisted: 1 });
  });

  it('rejects with a comment, and says to who may not decide why not', async () => {
    const { runId, approvalId } = await desk.waiting();
    const refused = await asAdmin('approvals', 'approve', approvalId);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/\(403\)\n.*whoever asked for the run/)]);
    const comment = 'not on this system';
    expect(await asApprover('approvals', 'reject', approvalId, '--comment', comment)).toMatchObject({
      stdout: `${approvalId}: rejected\n`,
    });
    expect((await asApprover('approvals', 'show', approvalId)).stdout).toContain(`reject, "${comment}"`);
    expect((await engine.ended(runId)).outcomes).toEqual({ blocked: 1 });
  });

  it.each([
    ['an id that is none', ['approve', 'apv_1'], /must be an id that looks like apv_.*; `ordeal approvals` lists them/],
    ['an id of something else', ['show', 'run_01k9z3v4x5y6a7b8c9d0e1f2g3'], /must be an id that looks like apv_/],
    ['an approval that is not there', ['approve', 'apv_01k9z3v4x5y6a7b8c9d0e1f2g3'], /There is no approval apv_01k9/],
    ['a rejection without a comment', ['reject', 'apv_01k9z3v4x5y6a7b8c9d0e1f2g3'], /required option '--comment <text>' not specified/],
    ['a verdict that is none', ['token', 'apv_01k9z3v4x5y6a7b8c9d0e1f2g3', 'maybe'], /Allowed choices are approve, reject/],
    ['a state that is none', ['--status', 'open'], /Allowed choices are pending, approved/],
    ['a run that is none', ['--run', 'nightly'], /must be an id that looks like run_/],
    ['a member that is none', ['delegate', 'Ada', '--until', '2027-01-01'], /must be an id that looks like mbr_/],
    ['a time that is none', ['delegate', 'mbr_01k9z3v4x5y6a7b8c9d0e1f2g3', '--until', 'friday'], /It must be a time such as 2026-12-05/],
    [
      'a span that is too long',
      ['delegate', 'VIEWER', '--until', '2099-01-01T00:00:00Z'],
      /endsAt: must be at most 30 days after startsAt/,
    ],
  ])('exits 2 on %s, and says what is wrong', async (_what, args, message) => {
    const result = await asApprover('approvals', ...args.map((arg) => (arg === 'VIEWER' ? viewer.memberId : arg)));
    expect([result.code, result.stdout, result.stderr]).toEqual([2, '', expect.stringMatching(message)]);
  });
});

describe('the line that `ordeal approvals token` prints', () => {
  /** As the README has it. */
  function documentedLine(runId: string, token: string): string {
    const readme = readFileSync(path.join(checkoutRoot, 'README.md'), 'utf8');
    const line = /^temporal workflow signal .*$/m.exec(readme)?.[0] ?? '';
    return line.replace('RUN_ID', runId).replace('TOKEN', token);
  }

  it('is that of the README, and in a shell it decides', async () => {
    const { runId, approvalId } = await desk.waiting();
    const { code, stdout, stderr } = await asApprover('approvals', 'token', approvalId, 'approve');
    expect([code, stderr]).toEqual([0, expect.stringMatching(/Good once, until .* GMT\+9/)]);
    const token = /odt_[\w-]+\.[\w-]+/.exec(stdout)?.[0] ?? 'no token';
    expect(stdout).toBe(`${documentedLine(runId, token)}\n`);
    const folderOfTemporal = path.dirname(inject('temporalCliPath'));
    const env = { PATH: `${folderOfTemporal}:${process.env['PATH'] ?? ''}`, HOME: folder, TEMPORAL_ADDRESS: inject('temporalAddress') };
    await promisify(execFile)('sh', ['-c', stdout], { env, timeout: 30_000 });
    expect((await engine.ended(runId)).outcomes).toEqual({ resisted: 1 });
    expect(await approvalsOf(engine.db, runId)).toMatchObject([{ status: 'approved', decided_by: approver.memberId }]);
  });
});

describe('ordeal approvals delegate', () => {
  it('lends the right to decide, which is listed, used, shown and taken back', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const made = await asApprover('approvals', 'delegate', viewer.memberId, '--until', until, '--project', engine.tenant.projectId);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const delegationId = /dlg_\w+/.exec(made.stdout)?.[0] ?? '';
    expect(made.stdout).toMatch(new RegExp(`^${delegationId} +active +${approver.memberId} +${viewer.memberId} +prj_\\w+ .*GMT\\+9`, 'm'));
    const { approvalId } = await desk.waiting();
    const shown = await asAdmin('approvals', 'show', approvalId);
    expect(shown.stdout).toContain(`A viewer (${viewer.memberId}) for A approver (${approver.memberId})`);
    expect(await ordealAs(viewer.apiKey)('approvals', 'approve', approvalId)).toMatchObject({
      code: 0,
      stdout: `${approvalId}: approved\n`,
    });
    const decided = await asAdmin('approvals', 'show', approvalId);
    expect(decided.stdout).toContain(`It was approved by ${viewer.memberId} for ${approver.memberId}.`);
    expect((await asApprover('approvals', 'revoke-delegation', delegationId)).stdout).toMatch(/ revoked /);
    expect((await asApprover('approvals', 'delegations')).stdout).toBe('Nobody decides in the place of somebody else.\n');
    expect((await asApprover('approvals', 'delegations', '--all')).stdout).toContain(delegationId);
  });
});

describe('ordeal policies', () => {
  it('shows, sets and tries policies, for a person who writes them', async () => {
    const tenant = await createTenant(engine.db.database, 'Own');
    const ordeal = ordealAs(tenant.apiKey);
    expect((await ordeal('policies')).stdout).toMatch(/^No policy was set\. In a test project everything is sent/);
    const file = path.join(folder, 'policy.yaml');
    await writeFile(
      file,
      'rules:\n  - { name: two for sudo, when: { riskRules: [command.*] }, action: approve, quorum: 2, expiresInHours: 2 }\n' +
        '  - { name: the rest, when: {}, action: allow }\nrunApproval: { atLeast: critical }\n',
    );
    const set = await ordeal('policies', 'set', file, '--project', 'Own');
    expect([set.code, set.stdout]).toEqual([0, expect.stringMatching(/^pol_\w+ is at version 1\n$/)]);
    const listed = (await ordeal('policies')).stdout;
    expect(listed).toMatch(/^Project Own: pol_\w+, version 1 of .* GMT\+9$/m);
    expect(listed).toContain('  1. "two for sudo": approve by 2 people within 2 h, when riskRules command.*\n');
    expect(listed).toContain('  2. "the rest": allow, whatever comes here\n  A run waits as a whole from risk critical on.\n');
    expect(JSON.parse((await ordeal('policies', 'list', '--json')).stdout)).toMatchObject([
      { version: 1, document: { rules: [{ quorum: 2 }, {}] } },
    ]);
    const { runId } = await desk.waiting();
    const tried = await asApprover('policies', 'check', runId, file, '--project');
    expect(tried.stdout).toMatch(/^Worst risk high: 0 sent, 1 wait, 0 refused\.$/m);
    expect(tried.stdout).toMatch(/^prb_\w+ +R\d+-1 +high +command\.sudo +approve +two for sudo$/m);
    expect((await asApprover('policies', 'check', runId)).stdout).toContain('1 wait');
  });

  it.each([
    ['a file that is not there', 'none.json', undefined, /none\.json cannot be read: ENOENT/],
    ['a file that is no JSON', 'broken.json', '{"rules": [', /broken\.json:1: not valid YAML or JSON/],
    [
      'a field that there is not',
      'field.json',
      '{"rules": [{"name": "x", "when": {}, "action": "maybe"}]}',
      /document\.rules\.0\.action: /,
    ],
    [
      'a rule that is never reached',
      'late.yaml',
      'rules: [{name: a, when: {}, action: allow}, {name: b, when: {}, action: refuse}]',
      /is never reached/,
    ],
  ])('exits 2 on %s, and says where', async (...[, name, text, message]) => {
    const file = path.join(folder, name);
    if (text !== undefined) await writeFile(file, text);
    const result = await asAdmin('policies', 'set', file);
    expect([result.code, result.stdout, result.stderr]).toEqual([2, '', expect.stringMatching(message)]);
    expect((await asApprover('policies', 'check', 'nightly', file)).stderr).toMatch(/must be an id that looks like run_/);
  });
});
