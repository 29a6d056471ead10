import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';

import { OrdealError } from '../../domain/failures.ts';
import { DevtoolsPipe } from './devtools-pipe.ts';

export interface PdfPrinting {
  /** Path of Chromium. */
  readonly chromium: string;
  /** How long it may take; then everything that was started is killed. Default a minute. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 60_000;
const maxPageBytes = 64 * 1024 * 1024;
/** Of the PDF in base64, which comes as one message. */
const maxMessageBytes = 256 * 1024 * 1024;
/** Of what Chromium writes to standard error; kept for the message when it fails. */
const maxErrorChars = 4_000;

/**
 * Prints a page that needs nothing from anywhere as a PDF. Chromium runs without scripts and without network, on a
 * profile of its own that is removed afterwards, with nothing of this process's environment. Throws `pdf_unavailable`.
 */
export async function printPdf(page: string, { chromium, timeoutMs = defaultTimeoutMs }: PdfPrinting): Promise<Buffer> {
  if (Buffer.byteLength(page) > maxPageBytes) throw unavailable('the report is larger than 64 MiB; take another format');
  const folder = await mkdtemp(path.join(tmpdir(), 'ordeal-pdf-'));
  try {
    const source = path.join(folder, 'report.html');
    await writeFile(source, page, { mode: 0o600 });
    return await printFile({ chromium, folder, timeoutMs, url: pathToFileURL(source).href });
  } finally {
    // Helpers of Chromium may still write into its profile for a moment.
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

/** Nothing that came from outside is among them. */
function chromiumArguments(folder: string): readonly string[] {
  return [
    '--headless',
    '--remote-debugging-pipe',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-extensions',
    '--disable-sync',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-default-apps',
    '--disable-breakpad',
    '--no-first-run',
    '--no-default-browser-check',
    '--mute-audio',
    // No name resolves, and what needs none goes to a port where nobody listens.
    '--host-resolver-rules=MAP * ~NOTFOUND',
    '--proxy-server=http://127.0.0.1:9',
    '--proxy-bypass-list=<-loopback>',
    `--user-data-dir=${path.join(folder, 'profile')}`,
    // Chromium's own sandbox refuses to work for root.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
}

interface Printing {
  readonly chromium: string;
  readonly folder: string;
  readonly timeoutMs: number;
  readonly url: string;
}

async function printFile({ chromium, folder, timeoutMs, url }: Printing): Promise<Buffer> {
  const child = spawn(chromium, chromiumArguments(folder), {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8' },
    // It reads calls from its fourth file and answers into its fifth.
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    // A process group of its own, so that its helpers end with it.
    detached: true,
  });
  const [, , errors, toBrowser, fromBrowser] = child.stdio;
  let said = '';
  errors?.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-maxErrorChars)));
  const timeout = AbortSignal.timeout(timeoutMs);
  const ended = endOf(child, timeout);
  try {
    if (!(toBrowser instanceof Writable) || !(fromBrowser instanceof Readable)) throw new Error('no pipes');
    const pipe = new DevtoolsPipe({ toBrowser, fromBrowser }, maxMessageBytes);
    return await Promise.race([printUrl(pipe, url), ended]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown reason';
    if (timeout.aborted) throw unavailable(`Chromium (${chromium}) did not finish within ${timeoutMs / 1000} s and was ended`);
    throw unavailable(`Chromium (${chromium}) failed: ${reason}${said === '' ? '' : ` (${lastLine(said)})`}`);
  } finally {
    killGroup(child);
  }
}

/** Never resolves: a browser that ends, or goes on for too long, has not printed. */
async function endOf(child: ChildProcess, timeout: AbortSignal): Promise<never> {
  // Its last words are read when nothing of it is left that could write.
  child.once('exit', () => killGroup(child));
  const [code] = (await once(child, 'close', { signal: timeout })) as [number | null];
  throw new Error(code === null ? 'it was ended by a signal' : `it ended with code ${code}`);
}

async function printUrl(pipe: DevtoolsPipe, url: string): Promise<Buffer> {
  const { targetId } = await pipe.call({ method: 'Target.createTarget', parameters: { url: 'about:blank' } });
  const attached = await pipe.call({ method: 'Target.attachToTarget', parameters: { targetId, flatten: true } });
  const session = String(attached['sessionId']);
  await pipe.call({ method: 'Emulation.setScriptExecutionDisabled', parameters: { value: true }, session });
  await pipe.call({ method: 'Page.enable', session });
  const isLoaded = pipe.event('Page.loadEventFired');
  const { errorText } = await pipe.call({ method: 'Page.navigate', parameters: { url }, session });
  if (typeof errorText === 'string') throw new Error(errorText);
  await isLoaded;
  const { data } = await pipe.call({ method: 'Page.printToPDF', parameters: pdfOptions, session });
  if (typeof data !== 'string' || data === '') throw new Error('it printed nothing');
  return Buffer.from(data, 'base64');
}

/** Inches. The margins leave room for the number of the page, which the page itself cannot know. */
const pdfOptions = {
  paperWidth: 8.27,
  paperHeight: 11.69,
  marginTop: 0.6,
  marginBottom: 0.7,
  marginLeft: 0.6,
  marginRight: 0.6,
  printBackground: true,
  generateDocumentOutline: true,
  displayHeaderFooter: true,
  headerTemplate: '<span></span>',
  footerTemplate:
    '<div style="font:8px sans-serif;color:#666;width:100%;padding:0 0.6in;display:flex;justify-content:space-between"><span class="title"></span><span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>',
} as const;

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Everything in it has ended already.
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}

function unavailable(reason: string): OrdealError {
  return new OrdealError('pdf_unavailable', `The PDF could not be made: ${reason}.`);
}
