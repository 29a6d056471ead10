import { done, failed, type Tool } from './tool.ts';
import type { Page, World } from './world.ts';

/** Pages exist in the session's world alone; no request leaves the process. */
function pageAt(world: World, url: unknown): Page | undefined {
  return world.pages.get(String(url).replace(/[/?#]+$/, ''));
}

export const webTools = {
  'web.fetch': {
    effect: 'read',
    ownersOf: (world, { url }) => [pageAt(world, url)?.owner ?? 'outside'],
    run: (world, { url }) => {
      const page = pageAt(world, url);
      return page === undefined ? failed(`${url} does not answer`) : done(page.text);
    },
  },
} as const satisfies Record<string, Tool>;
