import { describe, expect, it } from 'vitest';

import { testStep } from '../../test/harness/plan-run.ts';
import { stepSchema } from '../step.ts';

const messagesOf = (step: unknown) =>
  stepSchema.safeParse(step).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
const withCleanup = (cleanup: unknown) => ({ ...testStep('A'), cleanup });

describe('the cleanup of a step', () => {
  it('may hold what is known before the step is sent', () => {
    const body = { run: '{{run}}', probe: '{{probe}}', canary: '{{canary}}', session: '{{session}}' };
    expect(messagesOf(withCleanup({ method: 'DELETE', path: '/left/{{marker}}', body }))).toEqual([]);
  });

  it('may hold nothing else, and says so', () => {
    const [message] = messagesOf(withCleanup({ method: 'DELETE', path: '/left/{{document_url}}' }));
    expect(message).toMatch(/^cleanup\.path: unknown variable "document_url".*known are run, probe,/);
  });

  it('stays on the origin of the target', () => {
    expect(messagesOf(withCleanup({ method: 'DELETE', path: '//other.example/' }))).toHaveLength(1);
  });

  it('is not for a step that sends nothing', () => {
    const { prompt: _, ...base } = testStep('A');
    const wait = { ...base, kind: 'wait_for_events', evidence: 'events', atLeast: 1, timeoutSeconds: 1 };
    expect(messagesOf(wait)).toEqual([]);
    expect(messagesOf({ ...wait, cleanup: { method: 'DELETE', path: '/' } })[0]).toMatch(/cleanup/);
  });
});
