import { shorten } from '../detectors/excerpt.ts';
import type { Finding } from '../findings.ts';
import { isJudged, outcomes, zeroOutcomeCounts, type OutcomeCounts } from '../outcome.ts';
import { wayKey, waySuffix } from '../probe-way.ts';
import type { RunComparison } from './compare-runs.ts';
import { guardSentences } from './guard-text.ts';
import { renderCleanup } from './html-cleanup.ts';
import { outcomeBar, riskChart } from './html-charts.ts';
import { renderComparison } from './html-comparison.ts';
import { htmlStyle, htmlStyleHash } from './html-style.ts';
import { stackedTable } from './html-table.ts';
import { html, trustedHtml, type SafeHtml } from './html-template.ts';
import { renderModels } from './html-models.ts';
import { headlineOf, isFullyJudged, type ReportedProbe, type RunReport } from './run-report.ts';
import { categoryLabel, counted, outcomeLabels, placeOf, standardsNote, storyLabels } from './wording.ts';

/**
 * Renders a report as one HTML file that needs nothing else: no script, no font, no picture from anywhere. For screens
 * of any width, light or dark, and for paper. Nothing that the agent or a script wrote can become markup, and its
 * content security policy allows the style sheet only.
 */
export function renderHtmlReport(report: RunReport, comparison?: RunComparison): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'sha256-${htmlStyleHash}'; base-uri 'none'; form-action 'none'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <title>${report.targetName}: Ordeal report</title>
        ${styleElement}
      </head>
      <body>
        <main>
          ${renderHead(report)} ${renderScore(report)} ${comparison === undefined ? html`` : renderComparison(comparison)}
          ${renderFindings(report.findings)} ${renderNotJudged(report)} ${renderCleanup(report)} ${renderModels(report)}
          ${renderSteps(report)}
          <footer>
            <p>
              The risk says how bad the worst weakness is and how much of what was judged is weak; it says nothing of what was not tried. Of
              every probe the whole conversation is kept with the run.
            </p>
          </footer>
        </main>
      </body>
    </html> `;
  return page.safeHtml;
}

/** Not part of the template: a line break more, and the hash of the policy would not fit. */
const styleElement = trustedHtml(`<style>${htmlStyle}</style>`);

function renderHead(report: RunReport): SafeHtml {
  const { runId, status, statusReason, targetName, startedAt, endedAt, guard, planHash } = report;
  const [environment, ...confirmations] = guardSentences(guard);
  return html`<header>
    <p class="kicker">Ordeal report</p>
    <div class="headline ${stateOf(report)}"><h1>${headlineOf(report)}</h1></div>
    <dl>
      <dt>Target</dt>
      <dd>${targetName}</dd>
      <dt>Run</dt>
      <dd><code>${runId}</code>, ${status.replaceAll('_', ' ')}${statusReason === null ? '' : `. ${statusReason}`}</dd>
      <dt>Time</dt>
      <dd>${timeOf(startedAt, 'not started')} to ${timeOf(endedAt, 'not ended')}</dd>
      ${
        environment === undefined
          ? html``
          : html`<dt>Environment</dt>
              <dd>${environment}${confirmations.map((sentence) => html`<br />${sentence}`)}</dd>`
      }
      <dt>Plan hash</dt>
      <dd><code>${planHash}</code></dd>
    </dl>
  </header>`;
}

function stateOf(report: RunReport): 'is-vulnerable' | 'is-passed' | 'is-incomplete' {
  if (report.score.counts.vulnerable > 0) return 'is-vulnerable';
  return isFullyJudged(report) ? 'is-passed' : 'is-incomplete';
}

function timeOf(timestamp: string | null, otherwise: string): string {
  return timestamp === null ? otherwise : `${timestamp.slice(0, 10)} ${timestamp.slice(11, 19)} UTC`;
}

function renderScore({ score, indeterminateAttempts }: RunReport): SafeHtml {
  const planned = outcomes.reduce((sum, outcome) => sum + score.counts[outcome], 0);
  const key = outcomes.map(
    (outcome) => html`<li><span class="swatch o-${outcome}"></span>${score.counts[outcome]} ${outcomeLabels[outcome]}</li>`,
  );
  return html`<section aria-labelledby="score">
    <h2 id="score">Score</h2>
    <div class="panels">
      <div class="panel">
        <div class="dim">Risk</div>
        <div class="figure">${score.risk ?? 'none'}</div>
        ${riskChart(score)}
        <p class="dim">
          ${score.risk === null ? 'Nothing was judged.' : 'Of 100.'} 95 % interval ${score.interval.low} to ${score.interval.high}; what was
          not judged widens it.
        </p>
      </div>
      <div class="panel">
        <div class="dim">Coverage</div>
        <div class="figure">${score.coveragePercent} %</div>
        ${outcomeBar(score.counts)}
        <ul class="key">
          ${key}
        </ul>
        <p class="dim">
          ${counted(planned, 'probe')} planned. ${counted(indeterminateAttempts, 'request')} of which it is unknown whether the agent got
          it.
        </p>
      </div>
    </div>
  </section>`;
}

function renderFindings(findings: readonly Finding[]): SafeHtml {
  const body = findings.length === 0 ? [html`<p>None.</p>`] : findings.map(renderFinding);
  return html`<section aria-labelledby="findings">
    <h2 id="findings">Findings (${findings.length})</h2>
    ${body}
  </section>`;
}

/** A report is read by people; the API has every row. */
const maxEvidenceShown = 5;
const maxStoryLength = 800;

function renderFinding(finding: Finding, index: number): SafeHtml {
  const shown = finding.evidence.slice(0, maxEvidenceShown);
  const rest = finding.evidence.length - shown.length;
  const story = [...Map.groupBy(finding.story, (step) => step.kind)].map(
    ([kind, steps]) =>
      html`<h4>${storyLabels[kind]}</h4>
        ${steps.map(({ text }) => html`<pre>${shorten(text, maxStoryLength)}</pre>`)}`,
  );
  const evidence = shown.map(
    ({ probeId, evidence: one }) =>
      html`<p class="dim">${placeOf(one)}, probe <code>${probeId}</code></p>
        <pre>${one.excerpt}</pre>`,
  );
  return html`<article class="finding">
    <h3>${index + 1}. ${finding.title}</h3>
    <p>
      <span class="sev sev-${finding.severity}">${finding.severity}</span> confidence ${Math.round(finding.confidence * 100)} %, shown by
      ${counted(finding.probeIds.length, 'probe')}
    </p>
    <p class="dim">
      Category ${categoryLabel(finding.category)}, script ${finding.scriptSlug}, detector ${finding.detector}${standardsNote(finding)}
    </p>
    ${story}
    <h4>Evidence${rest > 0 ? ` (the first ${shown.length} of ${finding.evidence.length})` : ''}</h4>
    ${evidence}
    <p class="fix"><strong>What to do.</strong> ${finding.remediation}</p>
  </article> `;
}

const maxRowsShown = 500;

function renderNotJudged({ notJudged }: RunReport): SafeHtml {
  const rows = notJudged.slice(0, maxRowsShown).map(
    ({ stepId, stepTitle, style, strategy, outcome, reason, probeId }) =>
      html`<tr>
        <th scope="row">${stepId} ${stepTitle}${waySuffix({ style, strategy })}</th>
        <td data-name="Outcome">${outcomeLabels[outcome]}</td>
        <td class="free" data-name="Reason">${reason}</td>
        <td class="free" data-name="Probe"><code>${probeId}</code></td>
      </tr> `,
  );
  const table = html`<p>Nothing is known of these. They do not count as passed.</p>
    ${stackedTable(['Step', 'Outcome', 'Reason', 'Probe'], rows, notJudged.length - rows.length)}`;
  return html`<section aria-labelledby="not-judged">
    <h2 id="not-judged">Not judged (${notJudged.length})</h2>
    ${notJudged.length === 0 ? html`<p>None: every planned probe has a verdict.</p>` : table}
  </section>`;
}

function renderSteps({ probes, scripts }: RunReport): SafeHtml {
  const titles = new Map(scripts.map((script) => [script.slug, script.title]));
  const groups = [...Map.groupBy(probes, (probe) => probe.scriptSlug)].map(
    ([slug, ofScript]) =>
      html`<h3>${slug} ${titles.get(slug) ?? ''}</h3>
        <div class="scroll">
          <table class="stack">
            <thead>
              <tr>
                <th scope="col">Step</th>
                <th scope="col">Category</th>
                <th scope="col">Severity</th>
                <th scope="col" class="count">Judged</th>
                <th scope="col">Outcomes</th>
              </tr>
            </thead>
            <tbody>
              ${[...Map.groupBy(ofScript, wayKey).values()].map(renderStep)}
            </tbody>
          </table>
        </div> `,
  );
  return html`<section aria-labelledby="tested">
    <h2 id="tested">What was tested</h2>
    ${groups.length === 0 ? [html`<p>Nothing was planned.</p>`] : groups}
  </section>`;
}

function renderStep(probes: readonly ReportedProbe[]): SafeHtml {
  const [first] = probes;
  if (first === undefined) return html``;
  const counts = countOutcomes(probes);
  const words = outcomes.filter((outcome) => counts[outcome] > 0).map((outcome) => `${counts[outcome]} ${outcomeLabels[outcome]}`);
  const judged = probes.filter((probe) => isJudged(probe.outcome)).length;
  return html`<tr>
    <th scope="row">${first.stepId} ${first.stepTitle}${waySuffix(first)}</th>
    <td data-name="Category">${first.category}</td>
    <td data-name="Severity">${first.severity}</td>
    <td data-name="Judged" class="count">${judged} of ${probes.length}</td>
    <td class="wide">${outcomeBar(counts)}<span class="dim">${words.join(', ')}</span></td>
  </tr> `;
}

function countOutcomes(probes: readonly ReportedProbe[]): OutcomeCounts {
  const counts = zeroOutcomeCounts();
  for (const { outcome } of probes) counts[outcome] += 1;
  return counts;
}
