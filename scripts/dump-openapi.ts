/**
 * `node scripts/dump-openapi.ts` writes what the endpoints themselves say into the docs: docs/openapi.json, and the table
 * at the end of docs/access.md. With `--check` it only says whether the files are what the code would write, and exits
 * with 1 when they are not.
 */
import fs from 'node:fs';
import { endpoints } from '../api/endpoints.ts';
import { createOpenApiDocument } from '../api/openapi.ts';
import { renderAccess } from '../api/render-access.ts';
import { productVersion } from '../runtime/product-version.ts';

const tableMark = '<!-- access table: written by `node scripts/dump-openapi.ts` -->\n';

write('docs/openapi.json', () => `${JSON.stringify(createOpenApiDocument(endpoints, productVersion()), null, 2)}\n`);
write('docs/access.md', (now) => {
  const end = now.indexOf(tableMark);
  if (end < 0) throw new Error(`docs/access.md has lost the line ${tableMark}`);
  return `${now.slice(0, end)}${tableMark}\n${renderAccess(endpoints)}`;
});

function write(path: string, wantedFrom: (now: string) => string): void {
  const file = new URL(`../${path}`, import.meta.url);
  const now = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  const wanted = wantedFrom(now);
  if (now === wanted) return;
  if (!process.argv.includes('--check')) return fs.writeFileSync(file, wanted);
  process.stderr.write(`${path} is not what the code says. Run \`node scripts/dump-openapi.ts\` and look at the difference.\n`);
  process.exitCode = 1;
}
