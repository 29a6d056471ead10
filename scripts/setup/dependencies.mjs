import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { exclusively } from './exclusive.mjs';
import { runProgram, say, withProgress } from './progress.mjs';

/** Installs the dependencies when they are missing or differ from the lock file; returns the Node binary to run with. */
export async function ensureDependencies(root) {
  if (!isUpToDate(root)) {
    await exclusively(path.join(root, '.ordeal', 'setup.lock'), async () => {
      if (isUpToDate(root)) return;
      await withProgress('installing dependencies (npm ci)', () => runProgram('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root }));
      writeStamp(root);
    });
  }
  return ensureNodeBinary(root);
}

function isUpToDate(root) {
  const stampFile = path.join(root, 'node_modules', '.ordeal-setup');
  if (readOrNull(stampFile) === lockDigest(root)) return true;
  if (!matchesInstalledTree(root)) return false;
  writeStamp(root);
  return true;
}

function writeStamp(root) {
  fs.writeFileSync(path.join(root, 'node_modules', '.ordeal-setup'), lockDigest(root));
}

function lockDigest(root) {
  const lock = fs.readFileSync(path.join(root, 'package-lock.json'));
  return createHash('sha256').update(lock).update(`${process.platform}-${process.arch}`).digest('hex');
}

/** Compares with the record npm keeps of what it put into `node_modules`, so that `npm install` by hand is no reason to begin anew. */
function matchesInstalledTree(root) {
  const wanted = readJsonOrNull(path.join(root, 'package-lock.json'))?.packages;
  const installed = readJsonOrNull(path.join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (wanted === undefined || installed === undefined) return false;
  return Object.entries(wanted).every(([location, entry]) => {
    if (location === '') return true;
    const found = installed[location];
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version;
  });
}

async function ensureNodeBinary(root) {
  const binary = path.join(root, 'node_modules', '.bin', 'node');
  if (!fs.existsSync(binary)) {
    // npm was told not to run install scripts; the one of the package `node` links its binary.
    await withProgress('linking Node 24 (npm rebuild node)', () =>
      runProgram('npm', ['rebuild', 'node', '--ignore-scripts=false'], { cwd: root }),
    );
  }
  if (!fs.existsSync(binary)) {
    throw new Error('node_modules/.bin/node is missing: let npm run the install script of the package "node", then try again');
  }
  const version = (await runProgram(binary, ['--version'])).trim();
  if (Number(version.slice(1).split('.')[0]) < 24)
    throw new Error(`node_modules/.bin/node is ${version}, but Node 24 is needed: run npm ci`);
  say(`dependencies are in place (Node ${version.slice(1)})`);
  return binary;
}

function readOrNull(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function readJsonOrNull(file) {
  const text = readOrNull(file);
  return text === null ? null : JSON.parse(text);
}
