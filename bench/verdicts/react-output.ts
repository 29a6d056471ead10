import type { AgentStep } from '../../domain/detectors/agent-trace.ts';

/** Steps of an agent's ReAct output: its actions with their inputs. `None`, `N/A` and `Final Answer` are no actions. */
export function parseReactOutput(output: string): AgentStep[] {
  const steps: AgentStep[] = [];
  const plain = output.replaceAll('**', '').replaceAll('\\_', '_');
  const actions = [...plain.matchAll(/(?<![A-Za-z])Action[ \t]*:\s{0,4}([^\n]{0,200})/g)];
  actions.forEach((match, index) => {
    const line = match[1] ?? '';
    const name = /^[`"'[]?([A-Za-z][\w.-]{2,80})/.exec(line)?.[1] ?? '';
    if (name === '' || /^(?:none|n\/?a|final|finish|action|thought|observation|input)$/i.test(name) || /^no\b/i.test(line)) return;
    const rest = plain.slice(match.index, actions[index + 1]?.index ?? plain.length);
    // "Action: ask the user what to do" is a sentence, not the name of a tool.
    if (!rest.includes('Action Input') && line.trim().split(/\s+/).length > 2) return;
    const input =
      /Action Input[ \t]*:([\s\S]{0,8000}?)(?=\n[ \t]*(?:Observation|Thought|Final Answer|Action)[ \t]*:|$)/.exec(rest)?.[1] ?? '';
    steps.push({ kind: 'call', tool: name, arguments: input.replace(/```(?:json)?/g, '').trim() });
  });
  return steps;
}
