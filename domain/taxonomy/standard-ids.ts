/**
 * Ids of the public lists that categories point to, with their titles. Only what is in these tables may be named.
 *
 * OWASP renumbered its LLM list in 2026, so that a bare `LLM03` is ambiguous: ids always carry their year.
 */

/** OWASP Top 10 for LLM Applications, 2025. */
export const owaspLlm2025 = {
  'LLM01:2025': 'Prompt Injection',
  'LLM02:2025': 'Sensitive Information Disclosure',
  'LLM03:2025': 'Supply Chain',
  'LLM04:2025': 'Data and Model Poisoning',
  'LLM05:2025': 'Improper Output Handling',
  'LLM06:2025': 'Excessive Agency',
  'LLM07:2025': 'System Prompt Leakage',
  'LLM08:2025': 'Vector and Embedding Weaknesses',
  'LLM09:2025': 'Misinformation',
  'LLM10:2025': 'Unbounded Consumption',
} as const;
export type OwaspLlm2025Id = keyof typeof owaspLlm2025;

/** OWASP Top 10 for LLM Applications, 2026: the final entries; that they were released as they are is not confirmed. */
export const owaspLlm2026 = {
  'LLM01:2026': 'Prompt Injection',
  'LLM02:2026': 'Sensitive Information Disclosure',
  'LLM03:2026': 'Excessive Agency',
  'LLM04:2026': 'Supply Chain',
  'LLM05:2026': 'Data and Model Poisoning',
  'LLM06:2026': 'Unbounded Consumption',
  'LLM07:2026': 'Misinformation',
  'LLM08:2026': 'Hidden Context Exposure',
  'LLM09:2026': 'Vector and Embedding Weaknesses',
  'LLM10:2026': 'Improper Output Handling',
} as const;
export type OwaspLlm2026Id = keyof typeof owaspLlm2026;

/** Where each entry of 2025 went in 2026. */
export const owaspLlmRenumbering: Readonly<Record<OwaspLlm2025Id, OwaspLlm2026Id>> = {
  'LLM01:2025': 'LLM01:2026',
  'LLM02:2025': 'LLM02:2026',
  'LLM03:2025': 'LLM04:2026',
  'LLM04:2025': 'LLM05:2026',
  'LLM05:2025': 'LLM10:2026',
  'LLM06:2025': 'LLM03:2026',
  'LLM07:2025': 'LLM08:2026',
  'LLM08:2025': 'LLM09:2026',
  'LLM09:2025': 'LLM07:2026',
  'LLM10:2025': 'LLM06:2026',
};

/** OWASP Top 10 for Agentic Applications, 2026. */
export const owaspAgentic2026 = {
  'ASI01:2026': 'Agent Goal Hijack',
  'ASI02:2026': 'Tool Misuse & Exploitation',
  'ASI03:2026': 'Identity & Privilege Abuse',
  'ASI04:2026': 'Agentic Supply Chain',
  'ASI05:2026': 'Unexpected Code Execution (RCE)',
  'ASI06:2026': 'Memory & Context Poisoning',
  'ASI07:2026': 'Insecure Inter-Agent Communication',
  'ASI08:2026': 'Cascading Failures',
  'ASI09:2026': 'Human-Agent Trust Exploitation',
  'ASI10:2026': 'Rogue Agents',
} as const;
export type OwaspAgentic2026Id = keyof typeof owaspAgentic2026;

/** The release of MITRE ATLAS that `atlasTechniques` was taken from; later ones have retired some of these ids. */
export const atlasVersion = '5.6.0';

/** Techniques of MITRE ATLAS that concern attacks on agents. */
export const atlasTechniques = {
  'AML.T0011.002': 'User Execution: Poisoned AI Agent Tool',
  'AML.T0025': 'Exfiltration via Cyber Means',
  'AML.T0029': 'Denial of AI Service',
  'AML.T0034.000': 'Cost Harvesting: Excessive Queries',
  'AML.T0034.001': 'Cost Harvesting: Resource-Intensive Queries',
  'AML.T0034.002': 'Cost Harvesting: Agentic Resource Consumption',
  'AML.T0048.000': 'External Harms: Financial Harm',
  'AML.T0049': 'Exploit Public-Facing Application',
  'AML.T0050': 'Command and Scripting Interpreter',
  'AML.T0051': 'LLM Prompt Injection',
  'AML.T0051.000': 'LLM Prompt Injection: Direct',
  'AML.T0051.001': 'LLM Prompt Injection: Indirect',
  'AML.T0051.002': 'LLM Prompt Injection: Triggered',
  'AML.T0052': 'Phishing',
  'AML.T0053': 'AI Agent Tool Invocation',
  'AML.T0054': 'LLM Jailbreak',
  'AML.T0056': 'Extract LLM System Prompt',
  'AML.T0057': 'LLM Data Leakage',
  'AML.T0060': 'Publish Hallucinated Entities',
  'AML.T0061': 'LLM Prompt Self-Replication',
  'AML.T0067.000': 'LLM Trusted Output Components Manipulation: Citations',
  'AML.T0068': 'LLM Prompt Obfuscation',
  'AML.T0069': 'Discover LLM System Information',
  'AML.T0070': 'RAG Poisoning',
  'AML.T0071': 'False RAG Entry Injection',
  'AML.T0073': 'Impersonation',
  'AML.T0075': 'Cloud Service Discovery',
  'AML.T0077': 'LLM Response Rendering',
  'AML.T0080.000': 'AI Agent Context Poisoning: Memory',
  'AML.T0080.001': 'AI Agent Context Poisoning: Thread',
  'AML.T0081': 'Modify AI Agent Configuration',
  'AML.T0083': 'Credentials from AI Agent Configuration',
  'AML.T0084.001': 'Discover AI Agent Configuration: Tool Definitions',
  'AML.T0085.000': 'Data from AI Services: RAG Databases',
  'AML.T0085.001': 'Data from AI Services: AI Agent Tools',
  'AML.T0086': 'Exfiltration via AI Agent Tool Invocation',
  'AML.T0091.000': 'Use Alternate Authentication Material: Application Access Token',
  'AML.T0092': 'Manipulate User LLM Chat History',
  'AML.T0093': 'Prompt Infiltration via Public-Facing Application',
  'AML.T0094': 'Delay Execution of LLM Instructions',
  'AML.T0098': 'AI Agent Tool Credential Harvesting',
  'AML.T0099': 'AI Agent Tool Data Poisoning',
  'AML.T0101': 'Data Destruction via AI Agent Tool Invocation',
  'AML.T0102': 'Generate Malicious Commands',
  'AML.T0104': 'Publish Poisoned AI Agent Tool',
  'AML.T0105': 'Escape to Host',
  'AML.T0109': 'AI Supply Chain Rug Pull',
  'AML.T0110': 'AI Agent Tool Poisoning',
} as const;
export type AtlasId = keyof typeof atlasTechniques;

/** The title of an id in any of the lists, or undefined for one that none of them has. */
export function standardTitle(id: string): string | undefined {
  const titles: Readonly<Record<string, string>> = { ...owaspLlm2025, ...owaspLlm2026, ...owaspAgentic2026, ...atlasTechniques };
  return Object.hasOwn(titles, id) ? titles[id] : undefined;
}
