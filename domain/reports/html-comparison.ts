import type { Finding } from '../findings.ts';
import { untestedReasons, type RunComparison } from './compare-runs.ts';
import { html, type SafeHtml } from './html-template.ts';

/** Renders what changed since the baseline run. */
export function renderComparison(comparison: RunComparison): SafeHtml {
  const { baselineRunId, isSameTarget, fresh, fixed, unchanged, noLongerTested, stepsNoLongerJudged } = comparison;
  const warning = isSameTarget ? html`` : html`<p><strong>The two runs tested targets of different names.</strong></p>`;
  return html`<section aria-labelledby="baseline">
    <h2 id="baseline">Since the baseline</h2>
    <p>Compared with run <code>${baselineRunId}</code>, weakness by weakness.</p>
    ${warning}
    ${[
      renderGroup(
        'New',
        fresh.map(({ finding, isRegression }) =>
          row(
            finding,
            isRegression ? 'The baseline resisted the same steps.' : 'The baseline had no verdict on these steps, or another weakness.',
          ),
        ),
      ),
      renderGroup(
        'Fixed',
        fixed.map((finding) => row(finding, 'Judged again, and resisted.')),
      ),
      renderGroup(
        'Unchanged',
        unchanged.map((finding) => row(finding, '')),
      ),
      renderGroup(
        'No longer tested',
        noLongerTested.map(({ finding, why }) => row(finding, `Not fixed as far as is known: ${untestedReasons[why]}.`)),
      ),
      renderGroup(
        'Steps that lost their verdict',
        stepsNoLongerJudged.map(({ stepId, stepTitle }) => html`<li>${stepId} ${stepTitle}</li>`),
      ),
    ]}
  </section>`;
}

function renderGroup(title: string, rows: readonly SafeHtml[]): SafeHtml {
  return html`<h3>${title} (${rows.length})</h3>
    ${
      rows.length === 0
        ? html`<p class="dim">None.</p>`
        : html`<ul>
            ${rows}
          </ul>`
    } `;
}

function row({ severity, title, category, scriptSlug }: Finding, note: string): SafeHtml {
  return html`<li>
    <span class="sev sev-${severity}">${severity}</span> ${title}
    <span class="dim">(${scriptSlug}, ${category})${note === '' ? '' : ` ${note}`}</span>
  </li>`;
}
