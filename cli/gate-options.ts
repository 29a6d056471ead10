import { Option } from 'commander';

import { severities } from '../domain/severity.ts';
import { numberOption } from './number-option.ts';

/** `--min-coverage`: below it a run counts as incomplete. */
export function minCoverageOption(): Option {
  return new Option('--min-coverage <percent>', 'share of the probes that need a verdict')
    .argParser(numberOption({ min: 0, max: 100 }))
    .default(100);
}

/** `--fail-on`: what a finding must be to fail the build. */
export function failOnOption(): Option {
  return new Option('--fail-on <severity>', 'findings of at least this severity fail the build').choices(severities).default('low');
}
