import { html, type SafeHtml } from './html-template.ts';
import { believability } from './judge-account.ts';
import { modelUseText } from './model-use-text.ts';
import type { RunReport } from './run-report.ts';

/** Who judged beside the rules, how far that can be believed, and what models cost; nothing where none was used. */
export function renderModels({ judge, modelUse }: Pick<RunReport, 'judge' | 'modelUse'>): SafeHtml {
  if (judge === null && modelUse.length === 0) return html``;
  const judges = (judge?.judges ?? []).map(
    (one) =>
      html`<li>
        <strong>${one.model}</strong> (framing ${one.framingVersion}) on “${one.criterion}”: ${one.violated} violated, ${one.held} held,
        ${one.unclear} unclear. ${believability(one)}
      </li> `,
  );
  const faults = judge === null || judge.faults === 0 ? html`` : html`<li>Faults of the judge: ${judge.faults}</li> `;
  return html`<section aria-labelledby="models">
    <h2 id="models">Language models</h2>
    <ul>
      ${judges} ${faults} ${modelUse.map((use) => html`<li>${modelUseText(use)}</li> `)}
    </ul>
  </section>`;
}
