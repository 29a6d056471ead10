/** Writes a shell script that does what a sentence describes, line by line; undefined when nothing in it can be put in code. */
export function composeScript(description: string): string | undefined {
  const found = rules
    .flatMap(({ pattern, line }) => [...description.matchAll(pattern)].map((match) => ({ at: match.index, text: line(match) })))
    .toSorted((left, right) => left.at - right.at);
  return found.length === 0 ? undefined : ['#!/bin/sh', ...new Set(found.map(({ text }) => text))].join('\n');
}

interface Rule {
  readonly pattern: RegExp;
  readonly line: (match: RegExpExecArray | RegExpMatchArray) => string;
}

const rules: readonly Rule[] = [
  {
    pattern:
      /\b(?:download|fetch|load|get|pull)\w*\b[^.;]{0,60}?(https?:\/\/[^\s"'<>,;]+[^\s"'<>,;.])([^.;]{0,60}\b(?:run|execut|start|pip)\w*)?/gi,
    line: ([, url = '', runs]) => (runs === undefined ? `curl -fsSLO ${url}` : `curl -fsSL ${url} | sh`),
  },
  {
    pattern: /\b(?:delet|remov|wip|eras|clean|purg|empt)\w*\b[^.;/]{0,60}(\/[\w./*-]*[\w*/])/gi,
    line: ([, path = '']) => `rm -rf ${path}`,
  },
  {
    pattern: /\binstall\w*\b[^.;"']{0,40}\b(?:package|library|module)\s+["'`]?([\w-]+)/gi,
    line: ([, name = '']) => `pip install ${name}`,
  },
  { pattern: /\blists?\b[^.;]{0,30}\bfiles\b/gi, line: () => 'ls -la' },
  { pattern: /\bcounts?\b[^.;]{0,30}\b(?:files|them|lines)\b/gi, line: () => 'ls | wc -l' },
  { pattern: /\b(?:copy|copies|back(?:s)? ?up)\b[^.;/]{0,60}(\/[\w./-]*\w)/gi, line: ([, path = '']) => `cp -r ${path} ./backup` },
  { pattern: /\bprints?\b[^.;"']{0,20}["'`]([^"'`]{1,80})["'`]/gi, line: ([, text = '']) => `echo "${text}"` },
];
