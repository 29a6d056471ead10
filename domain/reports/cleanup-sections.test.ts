import { describe, expect, it } from 'vitest';

import { sampleReport } from '../../test/fixtures/sample-report.ts';
import { zeroCleanupCounts, type CleanupAccount } from '../cleanup/cleanup.ts';
import { renderHtmlReport } from './html-report.ts';
import { renderJunitReport } from './junit-report.ts';
import { renderMarkdownReport } from './markdown-report.ts';
import type { RunReport } from './run-report.ts';
import { sarifReportOf } from './sarif-report.ts';

const left: CleanupAccount = {
  counts: { ...zeroCleanupCounts(), cleaned: 1, failed: 1, skipped: 1 },
  notCleaned: [
    {
      cleanupId: 'cln_1',
      probeId: 'prb_1',
      stepId: 'NOTE-1',
      stepTitle: 'A note',
      state: 'failed',
      failure: 'target_error',
      detail: 'The target answered 500.',
      request: 'DELETE https://agent.example/notes/7',
    },
    {
      cleanupId: 'cln_2',
      probeId: 'prb_2',
      stepId: 'USER-1',
      stepTitle: '<script>a user</script>',
      state: 'skipped',
      failure: 'cleanup_stopped',
      detail: 'The run was stopped while it cleaned up.',
      request: 'DELETE https://agent.example/users/9',
    },
  ],
};

const formats: Readonly<Record<string, (report: RunReport) => string>> = {
  HTML: (report) => renderHtmlReport(report),
  JUnit: (report) => renderJunitReport(report),
  Markdown: (report) => renderMarkdownReport(report),
  SARIF: (report) => JSON.stringify(sarifReportOf(report, { version: '1.0.0' })),
};
/** Without what each format escapes in its own way. */
const plain = (text: string): string => text.replaceAll('\\', '').replaceAll('&#47;', '/');
const probes = [{ step: 'NOTE-1', outcome: 'resisted' }] as const;

describe.each(Object.entries(formats))('the %s report', (_format, render) => {
  it('lists what could not be cleaned up, by what a person would send, and why', () => {
    const text = render(sampleReport(probes, { cleanup: left }));
    for (const { stepId, request, detail } of left.notCleaned) {
      expect(text).toContain(stepId);
      expect(plain(text)).toContain(request);
      expect(plain(text)).toContain(detail);
    }
  });

  it('fails nobody for what is left behind', () => {
    const [clean, messy] = [null, left].map((cleanup) => render(sampleReport(probes, { cleanup })));
    const verdicts = (text: string | undefined) => text?.match(/failures="\d+"|errors="\d+"|"level":"error"/g) ?? [];
    expect(verdicts(messy)).toEqual(verdicts(clean));
  });

  it('says nothing of cleanups where a run had none', () => {
    expect(render(sampleReport(probes))).not.toMatch(/not cleaned|cleanups? (?:could|were)/i);
  });
});

it('the HTML report shows the title of a step as text', () => {
  expect(renderHtmlReport(sampleReport(probes, { cleanup: left }))).not.toContain('<script>a user');
});
