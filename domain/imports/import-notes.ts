/** Where something stands in the imported file: keys and list positions from the top. */
export type ImportPath = readonly (string | number)[];

/** What an import did with one thing of its source. */
export interface ImportNote {
  readonly list: 'taken' | 'changed' | 'refused';
  readonly path: ImportPath;
  /** What became of it; of a refused thing why, and what a person can do instead. */
  readonly text: string;
}

/** Notes as they come up, in order. */
export interface ImportNotes {
  readonly all: readonly ImportNote[];
  taken(path: ImportPath, text: string): void;
  changed(path: ImportPath, text: string): void;
  refused(path: ImportPath, text: string): void;
}

export function createImportNotes(): ImportNotes {
  const all: ImportNote[] = [];
  const add =
    (list: ImportNote['list']) =>
    (path: ImportPath, text: string): void =>
      void all.push({ list, path, text });
  return { all, taken: add('taken'), changed: add('changed'), refused: add('refused') };
}

/** A path as people write it: `targets[0].config.url`; keys that are no plain names in quotes. */
export function describeImportPath(path: ImportPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (!/^[A-Za-z_$][\w$-]*$/.test(part)) text += `[${JSON.stringify(part)}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}
