import type { Role } from '../domain/roles.ts';

/** Who may call an endpoint: anyone, a sidecar with its token, or API keys of these roles. */
export type Access = 'anyone' | 'sidecar' | readonly Role[];

const everyKey = ['viewer', 'operator', 'approver', 'admin'] as const;
const operators = ['operator', 'admin'] as const;
const operatorsAndApprovers = ['operator', 'approver', 'admin'] as const;
const approvers = ['approver', 'admin'] as const;
const admins = ['admin'] as const;

/**
 * Route × role, once: what the router enforces, what the tests walk through, and what docs/access.md shows. An endpoint
 * takes its id from here, so that one without a row does not compile.
 */
export const accessTable = {
  getWhoami: everyKey,
  createMember: admins,
  listMembers: everyKey,
  changeMemberRole: admins,
  removeMember: admins,
  createApiKey: admins,
  listApiKeys: admins,
  rotateApiKey: admins,
  revokeApiKey: admins,
  listAuditLogs: everyKey,
  getAuditHead: everyKey,
  listAuditChain: everyKey,
  createProject: operators,
  getProject: everyKey,
  changeProjectEnvironment: admins,
  getProductionGuard: everyKey,
  confirmProduction: admins,
  getEmergencyStop: everyKey,
  stopEverything: admins,
  liftEmergencyStop: admins,
  listProjects: everyKey,
  changeProjectStyles: operators,
  createSidecarToken: operators,
  listSidecarTokens: operators,
  revokeSidecarToken: operators,
  createTarget: operators,
  getTarget: everyKey,
  listTargets: everyKey,
  testTarget: operators,
  testNewTarget: operators,
  updateTarget: operators,
  resealSecrets: admins,
  createSchedule: operators,
  changeSchedule: operators,
  deleteSchedule: operators,
  listSchedules: everyKey,
  getSchedule: everyKey,
  listScheduleFirings: everyKey,
  backfillSchedule: operators,
  createScript: operators,
  getScript: everyKey,
  listScripts: everyKey,
  createLibrary: operators,
  listLibraries: everyKey,
  getLibrary: everyKey,
  openLibraryScan: operators,
  putLibraryEntries: operators,
  endLibraryScan: operators,
  listLibraryScans: everyKey,
  listLibraryEntries: everyKey,
  makeLibraryScripts: operators,
  listStrategies: everyKey,
  listCategories: everyKey,
  createCalibration: operators,
  judgeCalibrationRow: operators,
  getCalibration: everyKey,
  listCalibrations: everyKey,
  listStyles: everyKey,
  listApprovals: everyKey,
  getApproval: everyKey,
  // Whether a member has the right to decide, of their own or lent, is looked up where it is used.
  decideApproval: everyKey,
  issueDecisionToken: everyKey,
  redeemDecisionToken: everyKey,
  createDelegation: approvers,
  listDelegations: everyKey,
  revokeDelegation: approvers,
  putPolicy: admins,
  listPolicies: everyKey,
  checkPolicy: operatorsAndApprovers,
  createRun: operators,
  getReportKey: 'anyone',
  getPlantedDocument: 'anyone',
  getRunProgress: everyKey,
  getRunReport: everyKey,
  getRun: everyKey,
  listRunCleanups: everyKey,
  listRunFindings: everyKey,
  listRunHistory: everyKey,
  listRuns: everyKey,
  listRunPlan: everyKey,
  executeRun: operators,
  retryRun: operators,
  listDeadLetters: everyKey,
  retryDeadLetters: operators,
  stopRun: operatorsAndApprovers,
  pauseRun: operatorsAndApprovers,
  resumeRun: operators,
  adjustRun: operators,
  streamRunEvents: everyKey,
  getProbe: everyKey,
  listProbes: everyKey,
  ingestEvents: 'sidecar',
  createWebhook: admins,
  listWebhooks: admins,
  changeWebhook: admins,
  removeWebhook: admins,
  rotateWebhookSecret: admins,
  testWebhook: admins,
  listWebhookDeliveries: admins,
  getWebhookDelivery: admins,
  redeliverWebhook: admins,
  getUsage: everyKey,
  getDatabaseHealth: 'anyone',
  getHealth: 'anyone',
  getLiveness: 'anyone',
  getReadiness: 'anyone',
  getRedisHealth: 'anyone',
  getTemporalHealth: 'anyone',
} as const satisfies Readonly<Record<string, Access>>;

export type EndpointId = keyof typeof accessTable;

/** Whether an API key of this role may call the endpoint. */
export function mayCall(id: EndpointId, role: Role): boolean {
  const access: Access = accessTable[id];
  return typeof access !== 'string' && access.includes(role);
}
