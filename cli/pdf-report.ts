import type { RunId } from '../domain/ids.ts';
import { findChromium } from '../runtime/pdf/find-chromium.ts';
import { printPdf } from '../runtime/pdf/print-pdf.ts';
import type { ApiClient } from './api-client.ts';
import { reportPath } from './write-reports.ts';

export interface PdfReport {
  readonly runId: RunId;
  readonly baseline: RunId | undefined;
}

/** The report of a run as PDF: printed by this machine's Chromium, or else by the API's. Throws `pdf_unavailable`. */
export async function pdfReport(api: ApiClient, { runId, baseline }: PdfReport): Promise<Buffer> {
  const chromium = await findChromium({ told: process.env['CHROMIUM_PATH'], searchPath: process.env['PATH'] });
  if (chromium === undefined) return api.getBytes(reportPath(runId, 'pdf', baseline), 'application/pdf');
  return printPdf(await api.getText(reportPath(runId, 'html', baseline), 'text/html'), { chromium });
}
