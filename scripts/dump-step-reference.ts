/**
 * `node scripts/dump-step-reference.ts` writes docs/steps.md and docs/script.schema.json from the schemas of steps; with `--check` it
 * only says whether they are what the schemas give, and exits with 1 when one is not.
 */
import fs from 'node:fs';

import { scriptJsonSchema } from '../contracts/script-json-schema.ts';
import { stepReference } from './step-reference.ts';

const files: Readonly<Record<string, string>> = {
  'docs/steps.md': stepReference(),
  'docs/script.schema.json': `${JSON.stringify(scriptJsonSchema(), null, 2)}\n`,
};

for (const [name, wanted] of Object.entries(files)) {
  const file = new URL(`../${name}`, import.meta.url);
  if (!process.argv.includes('--check')) {
    fs.writeFileSync(file, wanted);
  } else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== wanted) {
    process.stderr.write(`${name} is not what the schemas of steps give. Run \`node scripts/dump-step-reference.ts\`.\n`);
    process.exitCode = 1;
  }
}
