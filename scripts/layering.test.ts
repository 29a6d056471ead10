import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { toolPath } from './check/run-tool.ts';
import { root } from './stack/data-folder.ts';

/** Where a line of code may not stand, or may. Each becomes a file of its own in an empty tree under our lint rules. */
const forbidden: readonly (readonly [folder: string, code: string])[] = [
  ['domain', `import fs from 'node:fs';`],
  ['domain', `import { z } from 'zod';`],
  ['domain', `import { newId } from '../runtime/new-id.ts';`],
  ['domain/detectors', `import type { Script } from '../../contracts/script.ts';`],
  ['domain', `export const now = () => Date.now();`],
  ['domain', `export const chance = () => Math.random();`],
  ['domain', `export const home = () => process.env;`],
  ['contracts', `import { withOrg } from '../db/with-org.ts';`],
  ['contracts', `import { createLogger } from '../runtime/logger.ts';`],
  ['workflows', `import { z } from 'zod';`],
  ['workflows', `import fs from 'node:fs';`],
  ['workflows', `import { Client } from '@temporalio/client';`],
  ['workflows', `import { NativeConnection } from '@temporalio/worker';`],
  ['workflows', `import { withOrg } from '../db/with-org.ts';`],
  ['workflows', `import { createLogger } from '../runtime/logger.ts';`],
  ['workflows', `import { executeStep } from '../activities/execute-step.ts';`],
  ['workflows', `import { scriptFileSchema } from '../contracts/script.ts';`],
  ['workflows', `export const later = () => setTimeout(() => undefined, 1);`],
  ['db', `import { executeStep } from '../activities/execute-step.ts';`],
  ['db/runs', `import { startServer } from '../../api/start-server.ts';`],
  ['planning', `import { executeStep } from '../activities/execute-step.ts';`],
  ['planning', `import { defineChange } from '../api/define-endpoint.ts';`],
  ['orchestration', `import { planRun } from '../planning/plan-run.ts';`],
  ['runtime', `import { withOrg } from '../db/with-org.ts';`],
  ['activities', `import { createRunClient } from '../orchestration/run-client.ts';`],
  ['activities', `import { runWorkflow } from '../workflows/run-workflow.ts';`],
  ['activities', `export const ask = () => fetch('http://127.0.0.1/');`],
  ['orchestration', `import { RunLanes } from '../workflows/run-lanes.ts';`],
  ['orchestration', `import { runWorkflow } from '../workflows/run-workflow.ts';`],
  ['orchestration', `import { executeStep } from '../activities/execute-step.ts';`],
  ['api', `import { executeStep } from '../activities/execute-step.ts';`],
  ['api/runs', `import { runWorkflow } from '../../workflows/run-workflow.ts';`],
  ['api', `export const ask = () => fetch('http://127.0.0.1/');`],
  ['worker', `import { app } from '../api/app.ts';`],
  ['cli', `import { withOrg } from '../db/with-org.ts';`],
  ['cli/commands', `import { createRunClient } from '../../orchestration/run-client.ts';`],
  ['sidecar', `import { newId } from '../runtime/new-id.ts';`],
  ['demo', `import { judgeProbe } from '../domain/judge.ts';`],
  ['demo/agent', `import { scriptFileSchema } from '../../contracts/script.ts';`],
];

const allowed: readonly (readonly [folder: string, code: string])[] = [
  ['domain/detectors', `import { failures } from '../failures.ts';`],
  ['contracts', `import { z } from 'zod';`],
  ['contracts', `import { outcomes } from '../domain/outcome.ts';`],
  ['workflows', `import { sleep } from '@temporalio/workflow';`],
  ['workflows', `import { defineSearchAttributeKey } from '@temporalio/common';`],
  ['workflows', `import { lanesToSchedule } from '../domain/lane-plan.ts';`],
  ['workflows', `import type { RunActivities } from '../activities/run-activities.ts';`],
  ['db/runs', `import { sql } from 'kysely';`],
  ['db', `import { newId } from '../runtime/new-id.ts';`],
  ['activities', `import { withOrg } from '../db/with-org.ts';`],
  ['activities', `import { createEgress } from '../runtime/egress/egress.ts';`],
  ['orchestration', `import { stopSignal } from '../workflows/run-messages.ts';`],
  ['orchestration', `import type { runWorkflow } from '../workflows/run-workflow.ts';`],
  ['api/runs', `import { createRunClient } from '../../orchestration/run-client.ts';`],
  ['worker', `import { createRunActivities } from '../activities/create-run-activities.ts';`],
  ['cli/commands', `import { isTerminal } from '../../domain/run-state.ts';`],
  ['cli', `export const ask = () => fetch('http://127.0.0.1/');`],
  ['demo', `import { createSidecar } from '../sidecar/create-sidecar.ts';`],
];

const layerRules = ['no-restricted-imports', 'no-restricted-globals', 'no-restricted-properties'];

describe('the layers', () => {
  let tree: string;
  let findings: ReadonlyMap<string, string>;

  beforeAll(() => {
    tree = fs.mkdtempSync(path.join(os.tmpdir(), 'ordeal-layers-'));
    fs.copyFileSync(path.join(root, '.oxlintrc.json'), path.join(tree, '.oxlintrc.json'));
    forbidden.forEach(([folder, code], index) => write(tree, `${folder}/forbidden-${index}.ts`, code));
    allowed.forEach(([folder, code], index) => write(tree, `${folder}/allowed-${index}.ts`, code));
    findings = lint(tree);
  });

  afterAll(() => fs.rmSync(tree, { recursive: true, force: true }));

  it.each(forbidden.map(([folder, code], index) => ({ folder, code, index })))('$folder may not hold: $code', ({ folder, index }) => {
    expect(findings.get(`${folder}/forbidden-${index}.ts`)).toBeDefined();
  });

  it.each(allowed.map(([folder, code], index) => ({ folder, code, index })))('$folder may hold: $code', ({ folder, index }) => {
    expect(findings.get(`${folder}/allowed-${index}.ts`)).toBeUndefined();
  });
});

function write(tree: string, file: string, code: string): void {
  fs.mkdirSync(path.join(tree, path.dirname(file)), { recursive: true });
  fs.writeFileSync(path.join(tree, file), `${code}\n`);
}

interface Diagnostic {
  readonly code: string;
  readonly message: string;
  readonly filename: string;
}

/** The layering rule that each file breaks, by the file's path. */
function lint(tree: string): ReadonlyMap<string, string> {
  const { stdout } = spawnSync(process.execPath, [toolPath('oxlint'), '--format=json'], { cwd: tree, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] };
  const broken = diagnostics.filter((diagnostic) => layerRules.some((rule) => diagnostic.code.includes(rule)));
  return new Map(broken.map((diagnostic) => [diagnostic.filename, diagnostic.message]));
}
