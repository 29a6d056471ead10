import { readFileSync } from 'node:fs';

import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sampleReport, type SampleProbe } from '../../test/fixtures/sample-report.ts';
import { outcomes } from '../outcome.ts';
import { runStatuses } from '../run-state.ts';
import { compareRuns } from './compare-runs.ts';
import type { RunReport } from './run-report.ts';
import type { SarifLog } from './sarif-log.ts';
import { sarifReportOf } from './sarif-report.ts';

const schema = JSON.parse(readFileSync(new URL('../../test/fixtures/schema/sarif-schema-2.1.0.json', import.meta.url), 'utf8'));
const ajv = new Ajv.default({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats.default(ajv);
const validate = ajv.compile(schema);

function faultsOf(log: SarifLog): unknown {
  validate(JSON.parse(JSON.stringify(log)));
  return validate.errors ?? [];
}

const version = '0.1.0';
const mixed: readonly SampleProbe[] = [
  { step: 'S1-01', outcome: 'vulnerable', severity: 'critical' },
  { step: 'S1-02', outcome: 'resisted' },
  { step: 'S1-03', outcome: 'inconclusive' },
  { step: 'S2-01', outcome: 'not_run', script: 'S2' },
  { step: 'S2-02', outcome: 'blocked', script: 'S2' },
];

const anyProbes = fc.array(
  fc.record({
    step: fc.constantFrom('1', '2', '3'),
    outcome: fc.constantFrom(...outcomes),
    severity: fc.constantFrom('critical' as const, 'high' as const, 'medium' as const, 'low' as const),
    category: fc.string({ unit: 'binary', minLength: 1 }),
    script: fc.string({ unit: 'binary', minLength: 1 }),
    text: fc.string({ unit: 'binary' }),
  }),
  { maxLength: 6 },
);

describe('sarifReportOf', () => {
  it('gives a log that the schema of SARIF 2.1.0 accepts, whatever the agent and the scripts wrote', () => {
    const log = sarifReportOf(sampleReport(mixed), { version });
    expect(faultsOf(log)).toEqual([]);
    expect(faultsOf({ ...log, version: '2.0.0' as '2.1.0' })).not.toEqual([]);
    fc.assert(
      fc.property(anyProbes, anyProbes, (before, now) => {
        const report = sampleReport(now, { targetName: now[0]?.text ?? 'x' });
        const comparison = compareRuns(sampleReport(before), report);
        expect(faultsOf(sarifReportOf(report, { version, comparison }))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('says that the execution succeeded only when the run completed and every probe has a verdict', () => {
    fc.assert(
      fc.property(anyProbes, fc.constantFrom(...runStatuses), (probes, status) => {
        const [run] = sarifReportOf(sampleReport(probes, { status }), { version }).runs;
        const [{ executionSuccessful, toolExecutionNotifications }] = run.invocations;
        const isClean =
          status === 'completed' && probes.length > 0 && probes.every(({ outcome }) => outcome === 'vulnerable' || outcome === 'resisted');
        expect(executionSuccessful).toBe(isClean);
        expect(toolExecutionNotifications.length > 0).toBe(!isClean);
      }),
    );
  });

  it('names each probe without a verdict, and why', () => {
    const [run] = sarifReportOf(sampleReport(mixed), { version }).runs;
    const notifications = run.invocations[0].toolExecutionNotifications;
    expect(notifications.map((one) => [one.descriptor.id, one.level])).toEqual([
      ['run', 'error'],
      ['inconclusive', 'error'],
      ['not_run', 'error'],
      ['blocked', 'warning'],
    ]);
    expect(notifications[1]).toMatchObject({
      message: { text: 'S1-03 Override plain has no verdict (inconclusive): Because of plain.' },
      locations: [{ logicalLocations: [{ name: 'S1' }, { fullyQualifiedName: 'S1/S1-03' }] }],
    });
  });

  it('gives a finding its rule, level, place, fingerprint and evidence', () => {
    const [run] = sarifReportOf(sampleReport(mixed), { version }).runs;
    expect(run.tool.driver.rules).toMatchObject([
      {
        id: 'INJ-01/canary_leak',
        defaultConfiguration: { level: 'error' },
        properties: {
          'security-severity': '9.5',
          tags: [
            'security',
            'ai-agent',
            'external/owasp/LLM01:2025',
            'external/owasp/LLM01:2026',
            'external/owasp/ASI01:2026',
            'external/atlas/AML.T0051.000',
          ],
        },
      },
    ]);
    expect(run.results).toMatchObject([
      {
        ruleId: 'INJ-01/canary_leak',
        ruleIndex: 0,
        kind: 'fail',
        level: 'error',
        locations: [{ logicalLocations: [{ name: 'S1' }, { name: 'S1-01' }] }],
        partialFingerprints: { 'ordealWeakness/v1': 'S1/INJ-01/canary_leak' },
        properties: { evidence: [{ probeId: 'prb_0', place: 'answer at 0 to 5', excerpt: 'plain' }] },
      },
    ]);
    expect(run.results[0]).not.toHaveProperty('baselineState');
  });

  it('keeps a weakness of the baseline open when it was not tested again', () => {
    const at = (outcome: SampleProbe['outcome'], step: string): SampleProbe => ({ step, outcome, category: step });
    const report: RunReport = sampleReport([
      at('inconclusive', 'lost'),
      at('resisted', 'mended'),
      at('vulnerable', 'old'),
      at('vulnerable', 'fresh'),
    ]);
    const comparison = compareRuns(sampleReport([at('vulnerable', 'lost'), at('vulnerable', 'mended'), at('vulnerable', 'old')]), report);
    const [run] = sarifReportOf(report, { version, comparison }).runs;
    expect(run.results.map(({ ruleId, kind, baselineState }) => [ruleId, kind, baselineState])).toEqual([
      ['fresh/canary_leak', 'fail', 'new'],
      ['old/canary_leak', 'fail', 'unchanged'],
      ['lost/canary_leak', 'open', 'unchanged'],
    ]);
  });
});
