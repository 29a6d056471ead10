/**
 * `node scripts/dump-openapi.ts` writes docs/openapi.json; with `--check` it only says whether the file is what the code
 * would write, and exits with 1 when it is not.
 */
import fs from 'node:fs';
import { endpoints } from '../api/endpoints.ts';
import { createOpenApiDocument } from '../api/openapi.ts';
import { productVersion } from '../runtime/product-version.ts';

const file = new URL('../docs/openapi.json', import.meta.url);
const wanted = `${JSON.stringify(createOpenApiDocument(endpoints, productVersion()), null, 2)}\n`;
if (!process.argv.includes('--check')) {
  fs.writeFileSync(file, wanted);
} else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== wanted) {
  process.stderr.write('docs/openapi.json is not what the code says. Run `node scripts/dump-openapi.ts` and look at the difference.\n');
  process.exitCode = 1;
}
