import { cleanupSentence, uncleanedLabels, unlistedCleanups } from './cleanup-text.ts';
import { html, type SafeHtml } from './html-template.ts';
import type { RunReport } from './run-report.ts';

/** What the run has cleaned up, and a row for everything that it could not; nothing where there was nothing to clean up. */
export function renderCleanup({ cleanup }: RunReport): SafeHtml {
  const sentence = cleanupSentence(cleanup);
  if (cleanup === null || sentence === null) return html``;
  const rows = cleanup.notCleaned.map(
    ({ stepId, stepTitle, state, detail, request }) =>
      html`<tr>
        <th scope="row">${stepId} ${stepTitle}</th>
        <td class="free" data-name="Request"><code>${request}</code></td>
        <td class="free" data-name="Why not">${uncleanedLabels[state]}: ${detail}</td>
      </tr> `,
  );
  const rest = unlistedCleanups(cleanup);
  const table = html`<div class="scroll">
      <table class="stack">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Request</th>
            <th scope="col">Why not</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    ${rest > 0 ? html`<p>And ${rest} more.</p>` : html``}`;
  return html`<section aria-labelledby="cleanup">
    <h2 id="cleanup">Cleanup</h2>
    <p>${sentence}</p>
    ${rows.length === 0 ? html`` : table}
  </section>`;
}
