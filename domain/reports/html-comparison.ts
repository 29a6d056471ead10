import type { RunComparison } from './compare-runs.ts';
import { comparisonGroupsOf, otherTargetWarning, type ComparisonEntry } from './comparison-groups.ts';
import { html, type SafeHtml } from './html-template.ts';

/** Renders what changed since the baseline run. */
export function renderComparison(comparison: RunComparison): SafeHtml {
  const warning = comparison.isSameTarget ? html`` : html`<p><strong>${otherTargetWarning}</strong></p>`;
  const groups = comparisonGroupsOf(comparison).map(({ title, entries }) => {
    const list =
      entries.length === 0
        ? html`<p class="dim">None.</p>`
        : html`<ul>
            ${entries.map(renderEntry)}
          </ul>`;
    return html`<h3>${title} (${entries.length})</h3>
      ${list}`;
  });
  return html`<section aria-labelledby="baseline">
    <h2 id="baseline">Since the baseline</h2>
    <p>Compared with run <code>${comparison.baselineRunId}</code>, weakness by weakness.</p>
    ${warning} ${groups}
  </section>`;
}

function renderEntry({ severity, text, note }: ComparisonEntry): SafeHtml {
  const badge = severity === null ? html`` : html`<span class="sev sev-${severity}">${severity}</span>`;
  return html`<li>${badge} ${text}${note === '' ? html`` : html`<span class="dim">: ${note}</span>`}</li>`;
}
