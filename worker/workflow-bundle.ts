import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';

import { OrdealError } from '../domain/failures.ts';

/** Where every workflow is registered. */
const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));

/** Bundles the workflow code of this checkout, or that of `path`. Takes seconds of processor time. */
export function bundleWorkflows(path: string = workflowsPath): Promise<WorkflowBundle> {
  return bundleWorkflowCode({ workflowsPath: path, logger: silentLogger });
}

/** The bundle that `scripts/bundle-workflows.ts` wrote into `file` when this code was installed; bundled now where there is none. Throws `invalid_request`. */
export async function loadWorkflowBundle(file: string | undefined): Promise<WorkflowBundle> {
  if (file === undefined) return bundleWorkflows();
  try {
    return { code: await readFile(file, 'utf8') };
  } catch (error) {
    throw new OrdealError(
      'invalid_request',
      `WORKFLOW_BUNDLE names ${file}, which cannot be read. Write it with: node scripts/bundle-workflows.ts ${file}`,
      { cause: error },
    );
  }
}

const silentLogger = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
