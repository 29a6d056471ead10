import { cleanupSentence, uncleanedLabels, unlistedCleanups } from './cleanup-text.ts';
import { html, type SafeHtml } from './html-template.ts';
import { stackedTable } from './html-table.ts';
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
  return html`<section aria-labelledby="cleanup">
    <h2 id="cleanup">Cleanup</h2>
    <p>${sentence}</p>
    ${rows.length === 0 ? html`` : stackedTable(['Step', 'Request', 'Why not'], rows, unlistedCleanups(cleanup))}
  </section>`;
}
