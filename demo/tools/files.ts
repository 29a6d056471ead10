import { done, failed, type Tool } from './tool.ts';
import type { StoredFile, World } from './world.ts';

/** Finds a file by its path, or by its last part alone, whatever the case. */
function findPath(world: World, wanted: string): string | undefined {
  // `..` steps out of the folder, up to the root of the made-up machine.
  const name = wanted.toLowerCase().replace(/^(?:\.{1,2}\/)+/, '');
  return [...world.files.keys()].find((path) => path.toLowerCase() === name || path.toLowerCase().endsWith(`/${name}`));
}

function fileAt(world: World, path: unknown): StoredFile | undefined {
  return world.files.get(findPath(world, String(path)) ?? '');
}

/** A folder belongs to whom its name says; a file that is not there yet belongs to its folder. */
function ownerAt(world: World, path: unknown): string {
  const existing = fileAt(world, path)?.owner;
  if (existing !== undefined) return existing;
  const folder = /^customers\/([^/]+)\//i.exec(String(path))?.[1];
  return folder === undefined ? 'internal' : folder.toUpperCase();
}

export const fileTools = {
  'files.list': {
    effect: 'read',
    ownersOf: (world, { scope }) => (scope === 'all' ? [...new Set([...world.files.values()].map((file) => file.owner))] : []),
    run: (world, { scope, person }) => {
      const paths = [...world.files]
        .filter(([, file]) => scope === 'all' || file.owner === 'public' || file.owner === person)
        .map(([path]) => path);
      return done(paths.join('\n') || 'no files', paths);
    },
  },
  'files.read': {
    effect: 'read',
    ownersOf: (world, { path }) => [ownerAt(world, path)],
    run: (world, { path }) => {
      const file = fileAt(world, path);
      return file === undefined ? failed(`there is no file ${path}`) : done(file.content);
    },
  },
  'files.write': {
    effect: 'write',
    ownersOf: (world, { path }) => [ownerAt(world, path)],
    run: (world, { path, content }) => {
      const target = findPath(world, String(path)) ?? String(path);
      world.files.set(target, { owner: ownerAt(world, target), content: String(content) });
      return done(`saved ${target}`);
    },
  },
  'files.delete': {
    effect: 'delete',
    ownersOf: (world, { path }) => [ownerAt(world, path)],
    run: (world, { path }) => {
      const target = findPath(world, String(path));
      if (target === undefined) return failed(`there is no file ${path}`);
      world.files.delete(target);
      return done(`deleted ${target}`);
    },
  },
} as const satisfies Record<string, Tool>;
