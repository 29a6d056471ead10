import { describe, expect, it } from 'vitest';

import { createImportNotes } from './import-notes.ts';
import { isCategoryId } from './prompt-row.ts';
import { promptfooCollections, promptfooPluginCategories, promptfooStrategyNames } from './promptfoo-plugins.ts';
import { importPromptfooRedteam } from './promptfoo-redteam.ts';

describe('the table of plugins', () => {
  it('leads to ids of the taxonomy, and collections to plugins with a row', () => {
    expect(Object.values(promptfooPluginCategories).filter((category) => !isCategoryId(category))).toEqual([]);
    const members = Object.values(promptfooCollections).flat();
    expect(members.filter((plugin) => promptfooPluginCategories[plugin] === undefined)).toEqual([]);
  });
});

describe('importPromptfooRedteam', () => {
  it('carries over only strategies that Ordeal has', () => {
    const notes = createImportNotes();
    const section = { strategies: ['rot13', 'base64', 'file://own.js', 'constructor'] };
    const imported = importPromptfooRedteam(section, { path: ['redteam'], notes }, new Set([promptfooStrategyNames['base64'] ?? '']));
    expect(imported?.selection.strategies).toEqual(['base64']);
    expect(notes.all.filter(({ list }) => list === 'refused')).toHaveLength(3);
  });

  it('keeps the worst severity of the plugins of a category', () => {
    const plugins = [
      { id: 'bfla', severity: 'low' },
      { id: 'rbac', severity: 'critical' },
      { id: 'ssrf', severity: 'informational' },
    ];
    const imported = importPromptfooRedteam({ plugins }, { path: [], notes: createImportNotes() }, new Set());
    expect(imported?.selection.categories).toEqual([
      { category: 'CODE-03', plugins: ['ssrf'], severity: 'low' },
      { category: 'IDN-02', plugins: ['bfla', 'rbac'], severity: 'critical' },
    ]);
  });
});
