/** How the variables of another tool's template are to be read. */
export interface TemplateReading {
  /** Its name for a variable, and what stands for it in ours, such as `sessionId` → `{{session}}`. */
  readonly renamed: Readonly<Record<string, string>>;
  /** Values that the person gave for names, taken literally. */
  readonly fill: Readonly<Record<string, string>>;
}

export type TranslatedTemplate =
  | { readonly ok: true; readonly text: string; readonly filled: readonly string[]; readonly renamed: readonly string[] }
  | { readonly ok: false; readonly reason: string; /** Names that have no value. */ readonly missing: readonly string[] };

const placeholder = /\{\{-?([\s\S]*?)-?\}\}/g;
const plainName = /^[A-Za-z_][\w.-]*$/;

/**
 * A Nunjucks or Jinja template as a template of ours. Only plain `{{name}}` is read: filters, calls, blocks and comments
 * are code and refused.
 */
export function translateTemplate(text: string, { renamed, fill }: TemplateReading): TranslatedTemplate {
  if (/\{%|\{#/.test(text)) return { ok: false, reason: 'has template code ({% … %} or {# … #}), which is not run', missing: [] };
  const filled = new Set<string>();
  const used = new Set<string>();
  const missing = new Set<string>();
  const code = new Set<string>();
  const translated = text.replace(placeholder, (_, inside: string) => {
    const name = bracketless(inside.trim());
    const ours = Object.hasOwn(renamed, name) ? renamed[name] : undefined;
    if (ours !== undefined) {
      if (ours !== `{{${name}}}`) used.add(name);
      return ours;
    }
    const value = Object.hasOwn(fill, name) ? fill[name] : undefined;
    if (value !== undefined) {
      filled.add(name);
      return literalTemplate(value);
    }
    if (plainName.test(name)) missing.add(name);
    else code.add(name.slice(0, 60));
    return '';
  });
  if (code.size > 0) return { ok: false, reason: `has template code ({{ ${[...code].join(' }}, {{ ')} }}), which is not run`, missing: [] };
  if (missing.size > 0) {
    const names = [...missing];
    return {
      ok: false,
      reason: `needs ${names.map((name) => `{{${name}}}`).join(', ')}, which Ordeal does not know; give ${fillHint(names)}`,
      missing: names,
    };
  }
  return { ok: true, text: translated, filled: [...filled], renamed: [...used] };
}

/** The options that give these variables a value. */
export function fillHint(names: readonly string[]): string {
  return names.map((name) => `--fill ${name}=TEXT`).join(' ');
}

/** A template that renders to exactly this text, whatever braces are in it. */
export function literalTemplate(text: string): string {
  // A backslash before a reference makes it literal, also behind other backslashes.
  return text.replace(/\{\{[ \t]*[A-Za-z_][\w.-]*[ \t]*\}\}/g, String.raw`\$&`);
}

/** The text that a template without references renders to. */
export function templateText(template: string): string {
  return template.replace(/\\(\{\{[ \t]*[A-Za-z_][\w.-]*[ \t]*\}\})/g, '$1');
}

/** Names of the environment variables that a template uses. */
export function environmentNames(text: string): readonly string[] {
  const names = Array.from(text.matchAll(placeholder), ([, inside = '']) => /^env\.([A-Za-z_]\w*)/.exec(bracketless(inside.trim()))?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** `env['X']` as `env.X`. */
function bracketless(name: string): string {
  return name.replace(/^env\[\s*['"]([A-Za-z_]\w*)['"]\s*\]/, 'env.$1');
}
