import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { loadWorkflowBundle } from './workflow-bundle.ts';

it('takes the bundle that was made beforehand, and says how to make one that is missing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ordeal-bundle-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'bundle.js');
  await expect(loadWorkflowBundle(file)).rejects.toThrow(`node scripts/bundle-workflows.ts ${file}`);
  await writeFile(file, 'the workflows');
  expect(await loadWorkflowBundle(file)).toEqual({ code: 'the workflows' });
});
