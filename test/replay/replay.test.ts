import { fileURLToPath } from 'node:url';

import { Runtime, type WorkflowBundle } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';

import { firingScenarios } from '../../scripts/record-histories/record-firing.ts';
import { scenarios } from '../../scripts/record-histories/scenarios.ts';
import { replayHistory } from '../../worker/replay-history.ts';
import { bundleWorkflows } from '../../worker/workflow-bundle.ts';
import * as workflows from '../../workflows/index.ts';
import { readHistories } from './read-histories.ts';

const stored = readHistories();
/** Such as `file:///home/…`, `/tmp/…/x.ts:12` or `C:\\\\…`; paths of the product's own API are none. */
const localPath =
  /file:\/\/|node:internal|(?<![\w.])\/(?:home|Users|root|tmp|work|var|usr|opt|private|builds?|app|workspace)\/|[A-Za-z]:\\\\|\.[cm]?[jt]s:\d+/;

beforeAll(() => {
  Runtime.install({ shutdownSignals: [], logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } });
});

describe("the stored histories, replayed against today's workflow code", () => {
  let bundle: WorkflowBundle;
  beforeAll(async () => {
    bundle = await bundleWorkflows();
  });

  it.each(stored)('$name takes the same decisions', async ({ history }) => {
    expect(await replayHistory(bundle, history)).toEqual({ ok: true });
  });

  it('are there for every recorded path', () => {
    const expected = scenarios.flatMap(({ name, executions }) =>
      executions === 1 ? [name] : Array.from({ length: executions }, (_, index) => `${name}-${index + 1}`),
    );
    const firings = firingScenarios.map(({ name }) => name);
    expect(stored.map(({ name }) => name).toSorted()).toEqual([...expected, ...firings].toSorted());
  });

  it.each(stored)('$name names no file of the machine that recorded it', ({ history }) => {
    expect(JSON.stringify(history)).not.toMatch(localPath);
  });

  it('are there for every workflow type', () => {
    const types = stored.map(({ history }) => history.events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name);
    expect(types).toEqual(expect.arrayContaining(Object.keys(workflows)));
  });

  it('include one that continued as new and one that was continued', () => {
    const last = stored.find(({ name }) => name === 'continued-as-new-1')?.history.events.at(-1);
    expect(last?.eventType).toBe('EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW');
  });
});

describe.each(['planted-timer', 'planted-activity'])('a planted change of the workflow code (%s)', (fixture) => {
  let bundle: WorkflowBundle;
  beforeAll(async () => {
    bundle = await bundleWorkflows(fileURLToPath(new URL(`./fixtures/${fixture}.ts`, import.meta.url)));
  });

  // The plants are in the workflow of a run.
  const ofRuns = stored.filter(({ name }) => !firingScenarios.some((firing) => firing.name === name));
  it.each(ofRuns.filter(({ name }) => name !== 'continued-as-new-1'))('makes the replay of $name fail', async ({ history }) => {
    expect(await replayHistory(bundle, history)).toMatchObject({ ok: false, kind: 'nondeterministic' });
  });
});

describe('a history that is none', () => {
  it('is called broken, not different', async () => {
    expect(await replayHistory(await bundleWorkflows(), { events: [] })).toMatchObject({ ok: false, kind: 'broken' });
  });
});
