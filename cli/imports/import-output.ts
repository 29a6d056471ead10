import { once } from 'node:events';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Where the files of an import go: into a folder, to standard output, or nowhere (`--dry-run`). */
export interface ImportOutput {
  write(name: string, text: string): Promise<void>;
  /** True when the folder has a file of this name. */
  has(name: string): Promise<boolean>;
  /** Shows the three lists, out of the way of files that are printed. */
  report(text: string): void;
}

/** Options that decide it; `dryRun` wins over `out`. */
export interface OutputOptions {
  readonly out?: string;
  readonly dryRun?: true;
}

export function importOutput({ out, dryRun }: OutputOptions): ImportOutput {
  const toStdout = (text: string): void => void process.stdout.write(text);
  const has = (name: string): Promise<boolean> => (out === undefined ? Promise.resolve(false) : exists(path.join(out, name)));
  if (dryRun === true) return { write: () => Promise.resolve(), has, report: toStdout };
  if (out === undefined) {
    const print = async (name: string, text: string): Promise<void> => {
      // A reader slower than the import must not make it keep everything.
      if (!process.stdout.write(`--- # ${name}\n${text}`)) await once(process.stdout, 'drain');
    };
    return { write: print, has, report: (text) => void process.stderr.write(text) };
  }
  return {
    write: async (name, text) => {
      await mkdir(out, { recursive: true });
      const file = path.join(out, name);
      // Never half a file, whatever happens in between.
      await writeFile(`${file}.part`, text);
      await rename(`${file}.part`, file);
    },
    has,
    report: toStdout,
  };
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
