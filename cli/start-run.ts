import type { z } from 'zod';

import { runSchema, type createRunSchema, type Run } from '../contracts/run.ts';
import type { Intensity } from '../domain/generation/intensity.ts';
import type { RunPriority } from '../domain/run-priority.ts';
import type { ApiClient } from './api-client.ts';
import { findTarget } from './find-target.ts';
import { makeLibraryScripts } from './library-scripts.ts';
import { readGoals } from './read-goals.ts';

export interface StartOptions {
  /** Ids or names; where there is only one, they may be left out. */
  readonly project?: string;
  readonly target?: string;
  readonly scripts?: readonly string[];
  /** A library whose prompts are run, by id or name. */
  readonly library?: string;
  /** Ids or families. */
  readonly categories?: readonly string[];
  readonly strategies?: readonly string[];
  /** False: the prompts are not sent as written. */
  readonly plain?: boolean;
  readonly intensity?: Intensity;
  readonly styles?: readonly string[];
  readonly seed?: string;
  /** A file with goals. */
  readonly goals?: string;
  readonly concurrency?: number;
  readonly maxMinutes?: number;
  /** It is planned only. */
  readonly hold?: true;
  readonly maxPerMinute?: number;
  readonly maxPausedMinutes?: number;
  readonly priority?: RunPriority;
}

/** Starts a run, once, and returns it as planned. Throws `invalid_request` when project or target are not clear. */
export async function startRun(api: ApiClient, options: StartOptions): Promise<Run> {
  const target = await findTarget(api, options);
  const scripts = await scriptsOf(api, options);
  const request: z.input<typeof createRunSchema> = {
    targetId: target.targetId,
    ...(scripts === undefined ? {} : { scripts: [...scripts] }),
    ...(options.categories === undefined ? {} : { categories: [...options.categories] }),
    ...(options.strategies === undefined ? {} : { strategies: [...options.strategies] }),
    ...(options.plain === false ? { isPlainIncluded: false } : {}),
    ...(options.intensity === undefined ? {} : { intensity: options.intensity }),
    ...(options.styles === undefined ? {} : { styles: [...options.styles] }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.goals === undefined ? {} : { goals: await readGoals(options.goals) }),
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    ...(options.maxPerMinute === undefined ? {} : { maxRequestsPerMinute: options.maxPerMinute }),
    ...(options.maxPausedMinutes === undefined ? {} : { maxPausedMinutes: options.maxPausedMinutes }),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
    ...(options.maxMinutes === undefined ? {} : { maxDurationMinutes: options.maxMinutes }),
    ...(options.hold === true ? { start: false } : {}),
  };
  return api.post(`/api/projects/${target.projectId}/runs`, runSchema, request);
}

async function scriptsOf(api: ApiClient, { scripts, library }: StartOptions): Promise<readonly string[] | undefined> {
  if (library === undefined) return scripts;
  const made = await makeLibraryScripts(api, library);
  return [...(scripts ?? []), ...made.map(({ slug }) => slug)];
}
