import fs from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { strategyCatalogue } from '../domain/strategies/strategies.ts';
import { root } from './stack/data-folder.ts';

const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...markdownIn('docs')].filter((page) =>
  fs.existsSync(path.join(root, page)),
);

describe.each(pages)('%s', (page) => {
  const text = read(page);

  it('links to what exists', () => {
    const links = [...text.matchAll(/\]\((?<target>[^)\s]+)\)/g)].map(({ groups }) => groups?.['target'] ?? '');
    expect(links.filter((link) => !/^(https?|mailto):/.test(link) && !isReachable(page, link))).toEqual([]);
  });

  it('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Record<string, string> };
    const named = [...text.matchAll(/\bnpm run (?<script>[\w:-]+)/g)].map(({ groups }) => groups?.['script'] ?? '');
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  it('describes every variable of the environment, and no other', () => {
    const variables = [...read('runtime/env.ts').matchAll(/^\s+(?<name>[A-Z][A-Z_]+):/gm)].map(({ groups }) => groups?.['name'] ?? '');
    const described = [...read('docs/operations.md').matchAll(/^\| `(?<name>[A-Z_]+)` \|/gm)].map(({ groups }) => groups?.['name'] ?? '');
    const ofMigrations = 'DATABASE_ADMIN_URL';
    expect(described.toSorted()).toEqual([...variables, ofMigrations].toSorted());
  });
});

describe('docs/strategies.md', () => {
  it('describes every strategy as the registry does, in its order, and no other', () => {
    const rows = [...read('docs/strategies.md').matchAll(/^\| `.*$/gm)].map(([row]) => row);
    expect(rows).toEqual(
      strategyCatalogue.map(({ id, title, kind, atlas, summary }) => `| \`${id}\` | ${title} | ${kind} | ${atlas} | ${summary} |`),
    );
  });
});

function markdownIn(folder: string): string[] {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name));
}

function read(file: string): string {
  return fs.readFileSync(path.join(root, file), 'utf8');
}

/** A file, and the heading in it when the link names one. */
function isReachable(page: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? page : path.join(path.dirname(page), file);
  if (!fs.existsSync(path.join(root, target))) return false;
  return anchor === undefined || headingsOf(target).includes(anchor);
}

/** The anchors that GitHub makes of headings. */
function headingsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (?<heading>.+)$/gm)].map(({ groups }) =>
    (groups?.['heading'] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
