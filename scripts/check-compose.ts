/** `npm run check:compose`: checks docker-compose.yml against the Compose Specification and against rules of our own. */
import fs from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { composeFaults } from './compose-faults.ts';
import { root } from './stack/data-folder.ts';

const schema: unknown = JSON.parse(fs.readFileSync(path.join(root, 'deploy', 'schema', 'compose-spec.json'), 'utf8'));
if (typeof schema !== 'object' || schema === null) throw new Error('deploy/schema/compose-spec.json is not a JSON schema');

const compose: unknown = parse(fs.readFileSync(path.join(root, 'docker-compose.yml'), 'utf8'), { merge: true });
const example = fs.readFileSync(path.join(root, '.env.example'), 'utf8');

// Formats such as `duration` are hints in this schema; its authors check them in code.
const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
const isValid = ajv.validate(schema, compose);
const faults = isValid
  ? composeFaults(compose, fs.readFileSync(path.join(root, 'docker-compose.yml'), 'utf8'), example)
  : (ajv.errors ?? []).map((error) => `docker-compose.yml${error.instancePath} ${error.message ?? 'is not valid'}`);

for (const fault of faults) process.stderr.write(`${fault}\n`);
if (faults.length === 0) process.stdout.write('docker-compose.yml is valid\n');
process.exitCode = faults.length === 0 ? 0 : 1;
