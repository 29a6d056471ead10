import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { templateReferences } from '../domain/template.ts';
import { cpuTimeMs } from '../test/harness/cpu-time.ts';
import { defaultScriptSlugs } from './run.ts';
import { maxScriptBytes, parseScript } from './parse-script.ts';

const valid = `slug: MINE
version: 3
title: Mine
description: For tests
steps:
  - id: MINE-01
    title: One
    kind: send_prompt
    category: INJ-01
    severity: high
    evidence: answer
    prompt: Say {{canary}}
    detectors:
      - kind: canary_leak
    remediation: Do better
`;

function problems(text: string): readonly string[] {
  const parsed = parseScript(text, 'mine.yaml');
  return parsed.ok ? [] : parsed.issues.map((issue) => issue.text);
}

describe('parseScript', () => {
  it('gives the script and its version', () => {
    const parsed = parseScript(valid);
    expect(parsed).toMatchObject({
      ok: true,
      version: 3,
      script: { slug: 'MINE', steps: [{ id: 'MINE-01', detectors: [{ kind: 'canary_leak' }] }] },
    });
    expect(parsed.ok && 'version' in parsed.script).toBe(false);
  });
  it('reads JSON as well', () => {
    const parsed = parseScript(valid);
    expect(parsed.ok && parseScript(JSON.stringify({ ...parsed.script, version: 3 })).ok).toBe(true);
  });
  it('names the line of broken YAML', () => {
    expect(problems('slug: MINE\ntitle: "open\n')[0]).toMatch(/^mine\.yaml:\d: not valid YAML/);
    expect(problems('slug: A\nslug: B\n')[0]).toMatch(/^mine\.yaml:2: not valid YAML/);
  });
  it('names the line of a step id that is there twice', () => {
    const double = valid + valid.slice(valid.indexOf('  - id'));
    expect(problems(double)).toEqual(['mine.yaml:16: steps.1.id: step id "MINE-01" is already taken by steps.0']);
  });
  it('suggests the detector that was likely meant', () => {
    expect(problems(valid.replace('canary_leak', 'canary_leek'))).toEqual([
      expect.stringMatching(
        /^mine\.yaml:14: steps\.0\.detectors\.0\.kind: unknown detector "canary_leek" \(did you mean "canary_leak"\?\)/,
      ),
    ]);
  });
  it('names the line of a category that the taxonomy does not have, and suggests the one that was likely meant', () => {
    expect(problems(valid.replace('INJ-01', 'INJ-1'))).toEqual([
      'mine.yaml:9: steps.0.category: unknown category "INJ-1" (did you mean "INJ-01"?); `ordeal categories` lists them',
    ]);
  });
  it('takes every kind of detector with its options', () => {
    const detectors = [
      '- { kind: markup_exfiltration, ownHosts: [shop.example] }',
      '- { kind: active_content, minSeverity: low }',
      '- { kind: pii_leak, types: [email, iban], allowed: ["@shop.example"], planted: [customer] }',
      '- { kind: system_prompt_leak }',
      '- { kind: forbidden_data_flow, flows: [toxic, leak], untrusted: [fetch_*], sensitive: [], external: [send_mail], ownHosts: [shop.example] }',
      '- { kind: dangerous_command, minSeverity: high, insecureCode: true }',
      '- { kind: unauthorised_commitment, authorised: [refund] }',
      '- { kind: tool_argument, tools: [fetch*], contains: [169.254.169.254] }',
      '- { kind: call_volume, atMost: 20 }',
      '- { kind: answer_volume, maxCharacters: 8000 }',
      '- { kind: dangerous_code, minSeverity: high, insecureCode: true }',
    ];
    expect(problems(valid.replace('- kind: canary_leak', detectors.join('\n      ')))).toEqual([]);
  });
  it('suggests only keys that the kind of detector has', () => {
    const withKey = (line: string) => problems(valid.replace('- kind: canary_leak', line));
    expect(withKey('- { kind: dangerous_command, minSevertiy: high }')[0]).toContain(
      'unknown key "minSevertiy" (did you mean "minSeverity"?)',
    );
    expect(withKey('- { kind: pii_leak, flow: [toxic] }')[0]).toMatch(/unknown key "flow"$/);
    expect(withKey('- { kind: pii_leak, types: [e_mail] }')[0]).toMatch(/types\.0: /);
    expect(withKey('- { kind: markup_exfiltration, ownHosts: ["https://shop.example/"] }')[0]).toContain('a host is a bare name');
  });
  it('refuses unknown keys at every level, with a suggestion', () => {
    expect(problems(valid.replace('title: Mine', 'titel: Mine'))).toContain(
      'mine.yaml:3: titel: unknown key "titel" (did you mean "title"?)',
    );
    expect(problems(valid.replace('severity: high', 'severety: high'))).toContain(
      'mine.yaml:10: steps.0.severety: unknown key "severety" (did you mean "severity"?)',
    );
    expect(problems(valid.replace('- kind: canary_leak', '- kind: canary_leak\n        canari: x'))).toEqual([
      'mine.yaml:15: steps.0.detectors.0.canari: unknown key "canari" (did you mean "canary"?)',
    ]);
  });
  it('refuses a version that is no whole number from 1', () => {
    for (const version of ['0', '1.5', '"1"', '-1'])
      expect(problems(valid.replace('version: 3', `version: ${version}`))[0]).toMatch(/^mine\.yaml:2: version: /);
  });
  it('refuses an unknown template variable in a prompt', () => {
    expect(problems(valid.replace('{{canary}}', '{{cnary}}'))[0]).toMatch(
      /^mine\.yaml:12: steps\.0\.prompt: unknown variable "cnary" \(did you mean "canary"\?\)/,
    );
  });
  it('refuses an unknown kind of step, with a suggestion', () => {
    expect(problems(valid.replace('send_prompt', 'send_promt'))).toEqual([
      expect.stringMatching(
        /^mine\.yaml:8: steps\.0\.kind: unknown kind of step "send_promt" \(did you mean "send_prompt"\?\); known are .*conversation/,
      ),
    ]);
  });
  it('takes parameters under their other names, and says so', () => {
    const parsed = parseScript(valid.replace('prompt: Say', 'message: Say').replace('steps:', 'tests:'), 'mine.yaml');
    expect(parsed.ok && parsed.notices.map(({ text }) => text)).toEqual([
      'mine.yaml:5: tests: is read as "steps"',
      'mine.yaml:12: tests.0.message: is read as "prompt"',
    ]);
    expect(parsed.ok && parsed.script.steps[0]).toMatchObject({ prompt: 'Say {{canary}}' });
  });
  it('names what is wrong with a parameter by the name that it was given, and its line', () => {
    expect(problems(valid.replace('prompt: Say {{canary}}', 'text: Say {{cnary}}'))[0]).toMatch(
      /^mine\.yaml:12: steps\.0\.text: unknown variable/,
    );
  });
  it('refuses an alias beside the name that it stands for', () => {
    expect(problems(valid.replace('    detectors:', '    text: Also\n    detectors:'))).toEqual([
      expect.stringMatching(/^mine\.yaml:13: steps\.0\.text: unknown key "text"/),
    ]);
  });
  it('takes every kind of step with its parameters', () => {
    const kinds = [
      'kind: conversation\n    turns: [One, Two]',
      'kind: http_request\n    method: POST\n    path: /orders?q={{canary}}\n    body: { note: "{{marker}}" }\n    expectStatus: [403]',
      'kind: plant_document\n    document: { name: a.txt, mediaType: text/plain, content: "{{canary}}" }\n    delivery: { kind: served }\n    prompt: Read {{document_url}}',
      'kind: plant_document\n    document: { name: a.txt, media_type: text/plain, text: x }\n    delivery: { kind: upload, method: PUT, path: /files, data: "{{document_content}}" }\n    prompt: Read it',
      'kind: call_mcp_tool\n    tool: search\n    args: { q: "{{canary}}" }',
    ];
    for (const kind of kinds)
      expect(problems(valid.replace('kind: send_prompt', kind).replace('    prompt: Say {{canary}}\n', ''))).toEqual([]);
    const wait = valid
      .replace('kind: send_prompt', 'kind: wait_for_events\n    count: 2\n    timeout: 60')
      .replace('    prompt: Say {{canary}}\n', '');
    expect(problems(wait)[0]).toContain('steps.0.evidence: must be "events"');
    expect(problems(wait.replace('evidence: answer', 'evidence: events'))).toEqual([]);
  });
  it.each([
    ['//other.example/x', 'must begin with one slash'],
    ['https://other.example/', 'must begin with one slash'],
    ['/\\other.example', 'must begin with one slash'],
    ['/a/{{document_url}}', 'unknown variable "document_url"'],
  ])('refuses the path %s of a request', (path, message) => {
    const step = `kind: http_request\n    method: GET\n    path: '${path}'`;
    expect(problems(valid.replace('kind: send_prompt', step).replace('    prompt: Say {{canary}}\n', ''))[0]).toContain(message);
  });
  it('takes a request without body as one without body', () => {
    const step = 'kind: http_request\n    method: GET\n    path: /orders';
    const parsed = parseScript(valid.replace('kind: send_prompt', step).replace('    prompt: Say {{canary}}\n', ''));
    expect(parsed.ok && Object.keys(parsed.script.steps[0] ?? {})).not.toContain('body');
  });
  it.each(['Host: x', 'Authorization: x', 'cookie: x'])('refuses the header %s of a request', (header) => {
    const step = `kind: http_request\n    method: GET\n    path: /\n    headers: { ${header} }`;
    expect(problems(valid.replace('kind: send_prompt', step).replace('    prompt: Say {{canary}}\n', ''))[0]).toContain('headers');
  });
  it('refuses an unknown parameter of a kind with that of its own kind that was likely meant', () => {
    const step = 'kind: wait_for_events\n    atLest: 1\n    timeoutSeconds: 5';
    expect(
      problems(
        valid
          .replace('kind: send_prompt', step)
          .replace('evidence: answer', 'evidence: events')
          .replace('    prompt: Say {{canary}}\n', ''),
      ),
    ).toContain('mine.yaml:9: steps.0.atLest: unknown key "atLest" (did you mean "atLeast"?)');
  });
  it('refuses a prompt of 5 MB without reading it through', () => {
    const script = valid.replace('Say {{canary}}', `'${'{{canary}} '.repeat(500_000)}'`);
    expect(problems(script)).toEqual(['mine.yaml:1: a script file may have 1 MB at most']);
    expect(cpuTimeMs(() => problems(script))).toBeLessThan(500);
  });
  it('refuses an unknown effect, severity and an empty list of steps', () => {
    expect(problems(valid.replace('kind: canary_leak', 'kind: side_effect\n        effects: [sending]'))[0]).toContain(
      'mine.yaml:15: steps.0.detectors.0.effects.0',
    );
    expect(problems(valid.replace('severity: high', 'severity: terrible'))[0]).toContain('mine.yaml:10: steps.0.severity');
    expect(problems('slug: A\nversion: 1\ntitle: A\ndescription: A\nsteps: []\n')).toEqual([
      'mine.yaml:5: steps: a script needs at least one step',
    ]);
  });
  it('refuses what is no script at all, what is too large, and aliases that multiply', () => {
    expect(problems('')).toHaveLength(1);
    expect(problems('- 1')).toHaveLength(1);
    expect(problems(`# ${'x'.repeat(maxScriptBytes)}`)).toEqual(['mine.yaml:1: a script file may have 1 MB at most']);
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map(
        (name, index) =>
          `${name}: &${name} [${Array(9)
            .fill(`*${'abcdefg'.charAt(index)}`)
            .join(',')}]`,
      ),
    ].join('\n');
    expect(problems(bomb)[0]).toContain('not usable YAML');
  });
});

describe('the built-in scripts', () => {
  const folder = new URL('../scripts-library/', import.meta.url);
  const parsed = readdirSync(folder)
    .toSorted()
    .map((file) => ({ file, result: parseScript(readFileSync(new URL(file, folder), 'utf8'), file) }));

  it('are valid', () => {
    expect(parsed.flatMap(({ result }) => (result.ok ? [] : result.issues.map((issue) => issue.text)))).toEqual([]);
  });
  it('have 16 steps in the five that a run has by default, with ids that no two share', () => {
    const library = parsed.flatMap(({ result }) => (result.ok ? [result.script] : []));
    const scripts = library.filter(({ slug }) => defaultScriptSlugs.some((one) => one === slug));
    expect(scripts.map((script) => [script.slug, script.steps.length])).toEqual([
      ['S1', 3],
      ['S2', 3],
      ['S3', 4],
      ['S4', 3],
      ['S5', 3],
    ]);
    expect(new Set(scripts.flatMap((script) => script.steps.map((step) => step.id))).size).toBe(16);
  });
  it('never put the whole canary of a probe into the prompt, because an agent may quote it', () => {
    const steps = parsed.flatMap(({ result }) => (result.ok ? result.script.steps : []));
    expect(steps.filter((step) => templateReferences(JSON.stringify(step)).some((reference) => reference.name === 'canary'))).toEqual([]);
  });
});
