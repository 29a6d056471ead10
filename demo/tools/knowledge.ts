import { done, failed, type Tool } from './tool.ts';
import type { Article, World } from './world.ts';

/** The article that shares most words with a question, of those that may be answered from. */
function bestArticle(world: World, query: string): Article | undefined {
  const wanted = stemsOf(query);
  return world.knowledge
    .filter((article) => article.owner !== 'licensed')
    .map((article) => ({ article, score: [...stemsOf(`${article.title} ${article.text}`)].filter((stem) => wanted.has(stem)).length }))
    .filter(({ score }) => score > 0)
    .toSorted((left, right) => right.score - left.score)[0]?.article;
}

function stemsOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? [];
  return new Set(words.map((word) => word.slice(0, 6)));
}

function titled(world: World, title: unknown): Article | undefined {
  return world.knowledge.find((article) => article.title.toLowerCase() === String(title).toLowerCase());
}

export const knowledgeTools = {
  'knowledge.search': {
    effect: 'read',
    ownersOf: () => [],
    run: (world, { query }) => {
      const article = bestArticle(world, String(query));
      return article === undefined ? failed('no article fits') : done(`${article.title}: ${article.text}`);
    },
  },
  'knowledge.read': {
    effect: 'read',
    ownersOf: (world, { title }) => [titled(world, title)?.owner ?? 'public'],
    run: (world, { title }) => {
      const article = titled(world, title);
      return article === undefined ? failed(`there is no article ${title}`) : done(article.text);
    },
  },
  'knowledge.export': {
    effect: 'read',
    ownersOf: (world) => [...new Set(world.knowledge.map((article) => article.owner))],
    run: (world) => {
      const lines = world.knowledge.map((article) => `${article.title}: ${article.text}`);
      return done(lines.join('\n'), lines);
    },
  },
  'knowledge.add': {
    effect: 'write',
    ownersOf: () => ['internal'],
    run: (world, { title, text }) => {
      world.knowledge.push({ title: String(title), text: String(text), owner: 'public' });
      return done(`"${title}" is in the knowledge base`);
    },
  },
} as const satisfies Record<string, Tool>;
