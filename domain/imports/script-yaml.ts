import type { ScriptDefinition, StepDefinition } from '../script.ts';

/** A script file. Texts are in JSON's notation, which is YAML as well and survives every character. */
export function scriptToYaml(script: ScriptDefinition, version: number): string {
  const head = [
    `slug: ${script.slug}`,
    `version: ${version}`,
    `title: ${quote(script.title)}`,
    `description: ${quote(script.description)}`,
    'steps:',
  ];
  return `${head.join('\n')}\n${script.steps.map(stepToYaml).join('')}`;
}

/** One step as it stands in a script file. */
export function stepToYaml(step: StepDefinition): string {
  const { id, title, kind, category, severity, evidence, detectors, remediation, ...ofKind } = step;
  const lines = [
    `  - id: ${quote(id)}`,
    `    title: ${quote(title)}`,
    `    kind: ${kind}`,
    `    category: ${category}`,
    `    severity: ${severity}`,
    `    evidence: ${evidence}`,
    ...Object.entries(ofKind).map(([name, value]) => `    ${name}: ${quoteJson(JSON.stringify(value))}`),
    '    detectors:',
    ...detectors.map((detector) => `      - ${quoteJson(JSON.stringify(detector))}`),
    `    remediation: ${quote(remediation)}`,
  ];
  return `${lines.join('\n')}\n`;
}

function quote(text: string): string {
  return quoteJson(JSON.stringify(text));
}

/** JSON allows characters to stand for themselves that YAML does not. */
function quoteJson(json: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  return json.replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
