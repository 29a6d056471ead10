import type { AgentStep } from '../../domain/detectors/agent-trace.ts';

/** Steps of an agent's ReAct output: its actions with their inputs. `None`, `N/A` and `Final Answer` are no actions. */
export function parseReactOutput(output: string): AgentStep[] {
  const steps: AgentStep[] = [];
  const plain = output.replaceAll('**', '');
  const actions = [...plain.matchAll(/(?<![A-Za-z])Action[ \t]*:[ \t]*([^\n]{0,200})/g)];
  actions.forEach((match, index) => {
    const name = /^[`"'[]?([A-Za-z][\w.-]{2,80})/.exec(match[1] ?? '')?.[1] ?? '';
    if (
      name === '' ||
      /^(?:none|n\/?a|final|final[_ ]answer|finish|no)$/i.test(name) ||
      /^(?:none|n\/a|final answer|no action)\b/i.test(match[1] ?? '')
    )
      return;
    const rest = plain.slice(match.index, actions[index + 1]?.index ?? plain.length);
    const input =
      /Action Input[ \t]*:([\s\S]{0,8000}?)(?=\n[ \t]*(?:Observation|Thought|Final Answer|Action)[ \t]*:|$)/.exec(rest)?.[1] ?? '';
    steps.push({ kind: 'call', tool: name, arguments: input.replace(/```(?:json)?/g, '').trim() });
  });
  return steps;
}
