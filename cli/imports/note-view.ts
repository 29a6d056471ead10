import { printableLine } from '../printable.ts';

/** A line of one of the three lists that every import prints. */
export interface NoteLine {
  readonly list: 'taken' | 'changed' | 'refused';
  /** Where in the source, such as `line 3: targets[0].id`; empty for the file as a whole. */
  readonly where: string;
  readonly text: string;
}

/** Of one list; the rest is counted. */
const maxShown = 200;

/** Collects the lines of an import; of very long lists only the first lines and the count are kept. */
export class NoteLists {
  private readonly lists = { taken: new NoteList(), changed: new NoteList(), refused: new NoteList() };

  add({ list, where, text }: NoteLine): void {
    this.lists[list].add(printableLine(where === '' ? text : `${where}: ${text}`));
  }

  count(list: NoteLine['list']): number {
    return this.lists[list].count;
  }

  toText(): string {
    return Object.entries(this.lists)
      .map(([name, list]) => `${name} (${list.count})\n${list.toText()}`)
      .join('');
  }
}

class NoteList {
  private readonly lines: string[] = [];
  count = 0;

  add(line: string): void {
    this.count += 1;
    if (this.lines.length < maxShown) this.lines.push(line);
  }

  toText(): string {
    const rest = this.count - this.lines.length;
    return [...this.lines, ...(rest > 0 ? [`… and ${rest} more`] : [])].map((line) => `  ${line}\n`).join('');
  }
}
