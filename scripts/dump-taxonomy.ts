/**
 * `node scripts/dump-taxonomy.ts` writes docs/taxonomy.md; with `--check` it only says whether the page is what the table
 * would give, and exits with 1 when it is not.
 */
import fs from 'node:fs';

import { taxonomyPage } from './taxonomy-page.ts';

const file = new URL('../docs/taxonomy.md', import.meta.url);
const wanted = await taxonomyPage();
if (!process.argv.includes('--check')) {
  fs.writeFileSync(file, wanted);
} else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== wanted) {
  process.stderr.write('docs/taxonomy.md is not what the table of categories gives. Run `node scripts/dump-taxonomy.ts`.\n');
  process.exitCode = 1;
}
