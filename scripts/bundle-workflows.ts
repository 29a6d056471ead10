/**
 * Bundles the workflows into a file, so that workers need not do it at each start: WORKFLOW_BUNDLE names it to them. It
 * belongs to the code beside it: write it again whenever that changes.
 *
 *   node scripts/bundle-workflows.ts workflow-bundle.js
 */
import fs from 'node:fs';
import { bundleWorkflows } from '../worker/workflow-bundle.ts';

const [file, ...others] = process.argv.slice(2);
if (file === undefined || others.length > 0) {
  process.stderr.write('usage: node scripts/bundle-workflows.ts FILE\n');
  process.exit(2);
}
fs.writeFileSync(file, (await bundleWorkflows()).code);
