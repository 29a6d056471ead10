/** `npm run check`: everything that is checked without running the tests. One line per check, and what the failed ones said. */
import { performance } from 'node:perf_hooks';
import { runNode, toolPath, type ToolResult } from './check/run-tool.ts';

interface Check {
  readonly name: string;
  readonly args: readonly string[];
}

const checks: readonly Check[] = [
  { name: 'format', args: [toolPath('oxfmt'), '--check'] },
  { name: 'types', args: [toolPath('tsc'), '--noEmit', '--project', '.'] },
  { name: 'lint and layers', args: [toolPath('oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'dead code', args: [toolPath('knip')] },
  { name: 'database schema', args: ['scripts/dump-schema.ts', '--check'] },
  { name: 'OpenAPI document', args: ['scripts/dump-openapi.ts', '--check'] },
  { name: 'taxonomy page', args: ['scripts/dump-taxonomy.ts', '--check'] },
  { name: 'step reference', args: ['scripts/dump-step-reference.ts', '--check'] },
  { name: 'OpenAPI lint', args: [toolPath('redocly'), 'lint', 'docs/openapi.json'] },
  { name: 'compose file', args: ['scripts/check-compose.ts'] },
];

/** No tool may phone home, and none may colour what ends up in a log. */
const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' };

let failed = 0;
for (const check of checks) {
  const startedAt = performance.now();
  const result = await runNode(check.args, env);
  report(check, result, performance.now() - startedAt);
  if (result.exitCode !== 0) failed += 1;
}
process.stdout.write(failed === 0 ? `All ${checks.length} checks passed\n` : `${failed} of ${checks.length} checks failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

function report({ name }: Check, { exitCode, output }: ToolResult, tookMs: number): void {
  const seconds = `${(tookMs / 1_000).toFixed(1)} s`.padStart(7);
  process.stdout.write(`${exitCode === 0 ? '✓' : '✗'} ${name.padEnd(18)}${seconds}\n`);
  if (exitCode === 0) return;
  for (const line of output.trimEnd().split('\n')) process.stdout.write(`    ${line}\n`);
}
