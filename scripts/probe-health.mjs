/** `node scripts/probe-health.mjs URL`: exit code 0 when the URL answers 2xx within two seconds. For container health checks. */
const response = await fetch(process.argv[2] ?? '', { signal: AbortSignal.timeout(2_000) }).catch(() => null);
process.exitCode = response?.ok ? 0 : 1;
