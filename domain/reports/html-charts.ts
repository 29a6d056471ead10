import { outcomes, type OutcomeCounts } from '../outcome.ts';
import type { Score } from '../score.ts';
import { html, type SafeHtml } from './html-template.ts';
import { outcomeLabels } from './wording.ts';

const scaleLeft = 12;
const scaleWidth = 296;

/** Draws the risk on a scale of 0 to 100 with its interval. Says the same in words to those who do not see it. */
export function riskChart({ risk, interval }: Score): SafeHtml {
  const at = (figure: number): number => Math.round((scaleLeft + (figure / 100) * scaleWidth) * 10) / 10;
  const label = `${risk === null ? 'No risk figure' : `Risk ${risk} of 100`}, 95 % interval ${interval.low} to ${interval.high}`;
  const ticks = [0, 25, 50, 75, 100].map(
    (tick) => html`<line class="tick" x1="${at(tick)}" x2="${at(tick)}" y1="30" y2="35" /><text x="${at(tick)}" y="48">${tick}</text>`,
  );
  const marker = risk === null ? html`` : html`<line class="marker" x1="${at(risk)}" x2="${at(risk)}" y1="6" y2="30" />`;
  return html`<svg class="chart risk" viewBox="0 0 320 52" role="img" aria-label="${label}">
    <rect class="rail" x="${scaleLeft}" y="14" width="${scaleWidth}" height="8" rx="4" />
    <rect
      class="interval"
      x="${at(interval.low)}"
      y="10"
      width="${Math.max(2, Math.round((at(interval.high) - at(interval.low)) * 10) / 10)}"
      height="16"
      rx="3"
    />
    ${marker}${ticks}
  </svg>`;
}

const barWidth = 320;

/** Draws outcomes as one bar whose parts add up to all probes. */
export function outcomeBar(counts: OutcomeCounts): SafeHtml {
  const total = outcomes.reduce((sum, outcome) => sum + counts[outcome], 0);
  const present = outcomes.filter((outcome) => counts[outcome] > 0);
  const label = total === 0 ? 'No probes' : present.map((outcome) => `${counts[outcome]} ${outcomeLabels[outcome]}`).join(', ');
  const ends = present.reduce<readonly number[]>(
    (sums, outcome) => [...sums, (sums.at(-1) ?? 0) + (barWidth * counts[outcome]) / total],
    [],
  );
  const parts = present.map((outcome, index) => {
    const from = ends[index - 1] ?? 0;
    return html`<rect class="o-${outcome}" x="${tenths(from)}" y="0" width="${tenths((ends[index] ?? from) - from)}" height="14" />`;
  });
  return html`<svg class="chart bar" viewBox="0 0 ${barWidth} 14" preserveAspectRatio="none" role="img" aria-label="${label}">
    <rect class="rail" x="0" y="0" width="${barWidth}" height="14" />
    ${parts}
  </svg>`;
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
