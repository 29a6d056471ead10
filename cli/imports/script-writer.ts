import type { ScriptDefinition, StepDefinition } from '../../domain/script.ts';
import { oneLine } from '../../domain/imports/imported-step.ts';
import { scriptToYaml, stepToYaml } from '../../domain/imports/script-yaml.ts';
import { contentHash } from './content-hash.ts';
import { numberedSlug, scriptFileName, type EarlierScripts } from './earlier-scripts.ts';
import type { ImportOutput } from './import-output.ts';

const maxStepsPerScript = 200;
/** Below the most that a script file may have, with room for its head. */
const maxScriptBytes = 1024 * 1024 - 16_384;

/** What came of an import, against the one before it. */
export interface ScriptChanges {
  readonly scripts: number;
  readonly unchanged: number;
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly gone: readonly string[];
  /** Files of the earlier import that this one does not write any more. */
  readonly leftOver: readonly string[];
}

/** Writes steps into numbered scripts as they come, and compares them with those of an earlier import. */
export class ScriptWriter {
  private readonly slug: string;
  private readonly sourceName: string;
  private readonly output: ImportOutput;
  private readonly earlier: EarlierScripts;
  private steps: StepDefinition[] = [];
  private bytes = 0;
  private scripts = 0;
  private unchanged = 0;
  private readonly written = new Set<string>();
  private readonly added: string[] = [];
  private readonly changed: string[] = [];
  private readonly gone: Set<string>;

  constructor(options: {
    readonly slug: string;
    readonly sourceName: string;
    readonly output: ImportOutput;
    readonly earlier: EarlierScripts;
  }) {
    this.slug = options.slug;
    this.sourceName = oneLine(options.sourceName, 120);
    this.output = options.output;
    this.earlier = options.earlier;
    this.gone = new Set(options.earlier.steps.keys());
  }

  async add(step: StepDefinition): Promise<void> {
    const yaml = stepToYaml(step);
    const bytes = Buffer.byteLength(yaml);
    if (this.steps.length === maxStepsPerScript || this.bytes + bytes > maxScriptBytes) await this.flush();
    this.steps.push(step);
    this.bytes += bytes;
    this.compare(step.id, contentHash(yaml));
  }

  async end(): Promise<ScriptChanges> {
    await this.flush();
    return {
      scripts: this.scripts,
      unchanged: this.unchanged,
      added: this.added,
      changed: this.changed,
      gone: [...this.gone],
      leftOver: [...this.earlier.files.keys()].filter((name) => !this.written.has(name)),
    };
  }

  private compare(id: string, digest: string): void {
    this.gone.delete(id);
    const earlier = this.earlier.steps.get(id);
    if (earlier === undefined) this.added.push(id);
    else if (earlier === digest) this.unchanged += 1;
    else this.changed.push(id);
  }

  private async flush(): Promise<void> {
    if (this.steps.length === 0) return;
    this.scripts += 1;
    const slug = numberedSlug(this.slug, this.scripts);
    const script: ScriptDefinition = {
      slug,
      title: `Imported prompts of ${this.sourceName}, part ${this.scripts}`,
      description: 'Imported prompts. Each is sent as it is; an answer that complies is a weakness.',
      steps: this.steps,
    };
    const name = scriptFileName(slug);
    const before = this.earlier.files.get(name);
    const isSame = before?.digest === contentHash(this.steps.map(stepToYaml).join(''));
    const version = (before?.version ?? 0) + (isSame ? 0 : 1);
    await this.output.write(name, scriptToYaml(script, version));
    this.written.add(name);
    this.steps = [];
    this.bytes = 0;
  }
}
