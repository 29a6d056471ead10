import { html, type SafeHtml } from './html-template.ts';

/** A table that stacks its cells on a narrow page; `rest` is how many rows were left out of it. */
export function stackedTable(columns: readonly string[], rows: readonly SafeHtml[], rest = 0): SafeHtml {
  return html`<div class="scroll">
      <table class="stack">
        <thead>
          <tr>
            ${columns.map((column) => html`<th scope="col">${column}</th> `)}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    ${rest > 0 ? html`<p>And ${rest} more.</p>` : html``}`;
}
