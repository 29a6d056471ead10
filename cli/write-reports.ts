import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { comparingFormats, type ReportFormat } from '../contracts/report.ts';
import { OrdealError } from '../domain/failures.ts';
import type { RunId } from '../domain/ids.ts';
import type { ApiClient } from './api-client.ts';

/** Files that `--reports` writes. */
const reportFiles = {
  markdown: 'ordeal.md',
  html: 'ordeal.html',
  sarif: 'ordeal.sarif',
  junit: 'ordeal.junit.xml',
  signed: 'ordeal.signed.json',
} as const satisfies Partial<Record<ReportFormat, string>>;

const formats = Object.keys(reportFiles) as readonly (keyof typeof reportFiles)[];

export interface ReportsToWrite {
  readonly runId: RunId;
  readonly baseline: RunId | undefined;
  /** Made where it does not exist. */
  readonly folder: string;
}

/** Path and query of a report; the baseline goes along where the format can show it. */
export function reportPath(runId: RunId, format: ReportFormat, baseline: RunId | undefined): string {
  const compared = baseline !== undefined && comparingFormats.includes(format) ? { baseline } : {};
  return `/api/runs/${runId}/report?${new URLSearchParams({ format, ...compared }).toString()}`;
}

/** Writes the report of a run in every format for files. Throws `invalid_request` when a file cannot be written. */
export async function writeReports(api: ApiClient, { runId, baseline, folder }: ReportsToWrite): Promise<void> {
  for (const format of formats) {
    // One after another: each is the whole report, and a large one is heavy.
    // oxlint-disable-next-line no-await-in-loop
    const text = await api.getText(reportPath(runId, format, baseline), '*/*');
    // oxlint-disable-next-line no-await-in-loop
    await writeReportFile(path.join(folder, reportFiles[format]), text);
  }
}

/** Writes a file and the folders above it; throws `invalid_request` that names the file. */
export async function writeReportFile(file: string, content: string | Buffer): Promise<void> {
  try {
    await mkdir(path.dirname(path.resolve(file)), { recursive: true });
    await writeFile(file, content);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown reason';
    throw new OrdealError('invalid_request', `${file} cannot be written: ${reason}`, { cause: error });
  }
}
