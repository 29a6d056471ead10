import type { RunComparison } from '../domain/reports/compare-runs.ts';
import { renderHtmlReport } from '../domain/reports/html-report.ts';
import { renderJunitReport } from '../domain/reports/junit-report.ts';
import { renderMarkdownReport } from '../domain/reports/markdown-report.ts';
import { headlineOf, type RunReport } from '../domain/reports/run-report.ts';
import { sarifReportOf } from '../domain/reports/sarif-report.ts';
import type { ReportFormat } from '../contracts/report.ts';
import { reportKeyOf, signReport } from '../runtime/report-signature.ts';
import type { SecretKey } from '../runtime/secret-box.ts';

/** Content types of the formats that are text; JSON is the endpoint's own. */
export const reportContentTypes = {
  markdown: 'text/markdown; charset=utf-8',
  html: 'text/html; charset=utf-8',
  sarif: 'application/sarif+json',
  junit: 'application/xml; charset=utf-8',
  signed: 'application/vnd.ordeal.signed-report+json',
} as const satisfies Readonly<Record<Exclude<ReportFormat, 'json' | 'pdf'>, string>>;

export interface ReportRendering {
  readonly format: keyof typeof reportContentTypes;
  readonly comparison: RunComparison | undefined;
  /** Version of Ordeal. */
  readonly version: string;
  readonly secret: SecretKey;
}

/** Renders a report in one of the formats other than the API's own JSON. */
export function renderReport(report: RunReport, { format, comparison, version, secret }: ReportRendering): string {
  switch (format) {
    case 'markdown':
      return renderMarkdownReport(report, comparison);
    case 'html':
      return renderHtmlReport(report, comparison);
    case 'sarif':
      return `${JSON.stringify(sarifReportOf(report, { version, comparison }), null, 2)}\n`;
    case 'junit':
      return renderJunitReport(report);
    case 'signed':
      return signReport(reportKeyOf(secret), { headline: headlineOf(report), ...report });
  }
}
