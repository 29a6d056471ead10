import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { runProgram, withProgress } from './progress.mjs';

export const pinnedVersion = 'v1.5.1';
const answerTimeoutMs = 5_000;
const transferTimeoutMs = 300_000;
const maxArchiveBytes = 300 * 1024 * 1024;

/**
 * SHA-256 of the archives of that release, so that no download host has to be trusted. They are recorded by the
 * `temporal-cli.hcl` of cashapp/hermit-packages and, all but linux_arm64, by that of zph/hermit-packages as well.
 */
const archiveDigests = {
  linux_amd64: 'ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d',
  linux_arm64: 'bd1b0db9f18b051026de8bf6cc1505f2510f14bbb7a8b9a4a91fff46c77454f5',
  darwin_amd64: 'bbb73e2a31135abe50a1f1cdb35030c42961df618e8ce9c60ae89f201540c5d9',
  darwin_arm64: 'cca01b7ea35ad56e2a328d9ae596bf716bd22313ef63c7a761c88354457c2415',
};

/** Downloads the CLI that Temporal publishes into `folder` and returns its path; only the pinned bytes are unpacked. */
export async function downloadTemporalCli(folder) {
  const platform = process.platform;
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch];
  const expected = archiveDigests[`${platform}_${arch}`];
  if (expected === undefined) throw new Error(`download: no checksum is known for ${platform} ${process.arch}`);
  const archiveName = `temporal_cli_${pinnedVersion.slice(1)}_${platform}_${arch}.tar.gz`;
  const sources = [
    `https://temporal.download/cli/archive/${pinnedVersion}?platform=${platform}&arch=${arch}`,
    `https://github.com/temporalio/cli/releases/download/${pinnedVersion}/${archiveName}`,
  ];
  return withProgress(`downloading the Temporal CLI ${pinnedVersion}`, async () => {
    const archive = await firstThatMatches(sources, expected);
    const file = path.join(folder, archiveName);
    fs.writeFileSync(file, archive);
    await runProgram('tar', ['-xzf', file, '-C', folder]);
    fs.rmSync(file);
    return path.join(folder, 'temporal');
  });
}

async function firstThatMatches(sources, expected) {
  const reasons = [];
  for (const url of sources) {
    try {
      const archive = await get(url);
      const actual = createHash('sha256').update(archive).digest('hex');
      if (actual === expected) return archive;
      reasons.push(`${new URL(url).host}: SHA-256 is ${actual}, not ${expected}; not used`);
    } catch (error) {
      reasons.push(error.message);
    }
  }
  throw new Error(`download: ${reasons.join('; ')}`);
}

async function get(url) {
  const giveUp = new AbortController();
  const noAnswer = setTimeout(() => giveUp.abort(new Error(`no answer within ${answerTimeoutMs / 1000} s`)), answerTimeoutMs);
  const tooSlow = setTimeout(() => giveUp.abort(new Error(`not finished within ${transferTimeoutMs / 1000} s`)), transferTimeoutMs);
  try {
    const response = await fetch(url, { signal: giveUp.signal });
    clearTimeout(noAnswer);
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    const parts = [];
    let bytes = 0;
    for await (const part of response.body) {
      bytes += part.length;
      if (bytes > maxArchiveBytes) throw new Error(`more than ${maxArchiveBytes} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts);
  } catch (error) {
    throw new Error(`${new URL(url).host}: ${error.cause?.code ?? error.cause?.message ?? error.message}`);
  } finally {
    clearTimeout(noAnswer);
    clearTimeout(tooSlow);
  }
}
