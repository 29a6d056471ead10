import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { findChromium } from './find-chromium.ts';
import { printPdf } from './print-pdf.ts';

const chromium = await findChromium({ told: process.env['CHROMIUM_PATH'], searchPath: process.env['PATH'] });
if (chromium === undefined) process.stdout.write('Chromium is not on this machine: what it prints is not tested.\n');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ordeal-pdf-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function script(name: string, lines: readonly string[]): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(file, 0o755);
  return file;
}

async function leftovers(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('ordeal-pdf-') && !name.startsWith('ordeal-pdf-test-'));
}

describe('printPdf', () => {
  it('ends a browser that hangs, with everything that it started, and leaves nothing behind', async () => {
    const pids = path.join(folder, 'pids');
    const hanging = await script('hanging', [`sleep 600 &`, `echo $$ $! > ${pids}`, 'wait']);
    const before = await leftovers();
    const printed = printPdf('<p>x</p>', { chromium: hanging, timeoutMs: 5_000 });
    await expect(printed).rejects.toMatchObject({ failure: 'pdf_unavailable', message: expect.stringContaining('within 5 s') });
    for (const pid of (await readFile(pids, 'utf8')).trim().split(' ')) expect(await isGone(Number(pid)), pid).toBe(true);
    expect((await leftovers()).filter((name) => !before.includes(name))).toEqual([]);
  });

  it.each([
    ['ends at once', ['echo no usable display >&2', 'exit 3'], /ended with code 3 \(no usable display\)/],
    ['speaks something else', [String.raw`printf '{"id":"x"}\0' >&4`, 'sleep 600'], /does not speak the protocol/],
    ['does not speak JSON', [String.raw`printf 'hello\0' >&4`, 'sleep 600'], /does not speak the protocol/],
  ])('says why where the browser %s', async (name, lines, message) => {
    const fake = await script(name.replaceAll(' ', '-'), lines);
    await expect(printPdf('<p>x</p>', { chromium: fake, timeoutMs: 30_000 })).rejects.toMatchObject({
      failure: 'pdf_unavailable',
      message: expect.stringMatching(message),
    });
  });

  it('says where the browser cannot be started', async () => {
    const missing = path.join(folder, 'missing');
    await expect(printPdf('<p>x</p>', { chromium: missing })).rejects.toMatchObject({ message: expect.stringContaining('missing') });
    expect(await findChromium({ told: missing, searchPath: process.env['PATH'] })).toBeUndefined();
  });

  it.runIf(chromium !== undefined)(
    'prints a page without running its scripts and without fetching anything',
    async () => {
      const asked: string[] = [];
      const server = createServer((request, response) => {
        asked.push(request.url ?? '');
        response.end();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const origin = `http://127.0.0.1:${port}`;
      const page = `<!doctype html><title>t</title><p>hello</p><img src="${origin}/image"><script>document.title = 'script ran'; fetch('${origin}/script')</script>`;
      const pdf = await printPdf(page, { chromium: chromium ?? '' });
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
      expect(pdf.includes('(t)')).toBe(true);
      expect(pdf.includes('script ran')).toBe(false);
      expect(asked).toEqual([]);
      server.close();
    },
    60_000,
  );
});

/** A process whose parent has not asked for its end yet is gone as well. */
async function isGone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      process.kill(pid, 0);
      if (/^\d+ \([^)]*\) Z/.test(await readFile(`/proc/${pid}/stat`, 'utf8'))) return true;
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
