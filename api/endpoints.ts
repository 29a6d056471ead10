import { decideApproval } from './endpoints/approvals/decide-approval.ts';
import { getApproval } from './endpoints/approvals/get-approval.ts';
import { issueDecisionToken } from './endpoints/approvals/issue-decision-token.ts';
import { listApprovals } from './endpoints/approvals/list-approvals.ts';
import { redeemDecisionToken } from './endpoints/approvals/redeem-decision-token.ts';
import { createDelegation } from './endpoints/delegations/create-delegation.ts';
import { listDelegations } from './endpoints/delegations/list-delegations.ts';
import { revokeDelegation } from './endpoints/delegations/revoke-delegation.ts';
import { checkPolicy } from './endpoints/policies/check-policy.ts';
import { listPolicies } from './endpoints/policies/list-policies.ts';
import { putPolicy } from './endpoints/policies/put-policy.ts';
import type { Endpoint } from './define-endpoint.ts';
import { createApiKey } from './endpoints/api-keys/create-api-key.ts';
import { listApiKeys } from './endpoints/api-keys/list-api-keys.ts';
import { revokeApiKey } from './endpoints/api-keys/revoke-api-key.ts';
import { rotateApiKey } from './endpoints/api-keys/rotate-api-key.ts';
import { listCategories } from './endpoints/categories/list-categories.ts';
import { getAuditHead } from './endpoints/audit-logs/get-audit-head.ts';
import { listAuditChain } from './endpoints/audit-logs/list-audit-chain.ts';
import { listAuditLogs } from './endpoints/audit-logs/list-audit-logs.ts';
import { getEmergencyStop } from './endpoints/emergency-stop/get-emergency-stop.ts';
import { liftEmergencyStop } from './endpoints/emergency-stop/lift-emergency-stop.ts';
import { stopEverything } from './endpoints/emergency-stop/stop-everything.ts';
import { getDatabaseHealth } from './endpoints/health/get-database-health.ts';
import { getHealth } from './endpoints/health/get-health.ts';
import { getLiveness } from './endpoints/health/get-liveness.ts';
import { getReadiness } from './endpoints/health/get-readiness.ts';
import { getRedisHealth } from './endpoints/health/get-redis-health.ts';
import { getTemporalHealth } from './endpoints/health/get-temporal-health.ts';
import { ingestEvents } from './endpoints/ingest/ingest-events.ts';
import { createCalibration } from './endpoints/judge/create-calibration.ts';
import { getCalibration } from './endpoints/judge/get-calibration.ts';
import { judgeCalibrationRow } from './endpoints/judge/judge-calibration-row.ts';
import { listCalibrations } from './endpoints/judge/list-calibrations.ts';
import { changeMemberRole } from './endpoints/members/change-member-role.ts';
import { createMember } from './endpoints/members/create-member.ts';
import { getWhoami } from './endpoints/members/get-whoami.ts';
import { listMembers } from './endpoints/members/list-members.ts';
import { removeMember } from './endpoints/members/remove-member.ts';
import { listDeadLetters } from './endpoints/dead-letters/list-dead-letters.ts';
import { retryDeadLetters } from './endpoints/dead-letters/retry-dead-letters.ts';
import { getProbe } from './endpoints/probes/get-probe.ts';
import { listProbes } from './endpoints/probes/list-probes.ts';
import { changeProjectStyles } from './endpoints/projects/change-project-styles.ts';
import { changeProjectEnvironment } from './endpoints/projects/change-project-environment.ts';
import { confirmProduction } from './endpoints/projects/confirm-production.ts';
import { createLibrary } from './endpoints/libraries/create-library.ts';
import { listLibraries } from './endpoints/libraries/list-libraries.ts';
import { getLibrary } from './endpoints/libraries/get-library.ts';
import { openLibraryScan } from './endpoints/libraries/open-library-scan.ts';
import { putLibraryEntries } from './endpoints/libraries/put-library-entries.ts';
import { endLibraryScan } from './endpoints/libraries/end-library-scan.ts';
import { listLibraryScans } from './endpoints/libraries/list-library-scans.ts';
import { listLibraryEntries } from './endpoints/libraries/list-library-entries.ts';
import { makeLibraryScripts } from './endpoints/libraries/make-library-scripts.ts';
import { createProject } from './endpoints/projects/create-project.ts';
import { getProductionGuard } from './endpoints/projects/get-production-guard.ts';
import { getProject } from './endpoints/projects/get-project.ts';
import { listProjects } from './endpoints/projects/list-projects.ts';
import { getPlantedDocument } from './endpoints/documents/get-planted-document.ts';
import { getReportKey } from './endpoints/report-key/get-report-key.ts';
import { createRun } from './endpoints/runs/create-run.ts';
import { getRunProgress } from './endpoints/runs/get-run-progress.ts';
import { getRunReport } from './endpoints/runs/get-run-report.ts';
import { getRun } from './endpoints/runs/get-run.ts';
import { listRunCleanups } from './endpoints/runs/list-run-cleanups.ts';
import { listRunFindings } from './endpoints/runs/list-run-findings.ts';
import { listRunHistory } from './endpoints/runs/list-run-history.ts';
import { listRunPlan } from './endpoints/runs/list-run-plan.ts';
import { listRuns } from './endpoints/runs/list-runs.ts';
import { adjustRun } from './endpoints/runs/adjust-run.ts';
import { pauseRun } from './endpoints/runs/pause-run.ts';
import { resumeRun } from './endpoints/runs/resume-run.ts';
import { executeRun } from './endpoints/runs/execute-run.ts';
import { retryRun } from './endpoints/runs/retry-run.ts';
import { stopRun } from './endpoints/runs/stop-run.ts';
import { streamRunEvents } from './endpoints/runs/stream-run-events.ts';
import { resealSecrets } from './endpoints/secrets/reseal-secrets.ts';
import { createSchedule } from './endpoints/schedules/create-schedule.ts';
import { changeSchedule } from './endpoints/schedules/change-schedule.ts';
import { deleteSchedule } from './endpoints/schedules/delete-schedule.ts';
import { listSchedules } from './endpoints/schedules/list-schedules.ts';
import { getSchedule } from './endpoints/schedules/get-schedule.ts';
import { listScheduleFirings } from './endpoints/schedules/list-schedule-firings.ts';
import { backfillSchedule } from './endpoints/schedules/backfill-schedule.ts';
import { createScript } from './endpoints/scripts/create-script.ts';
import { getScript } from './endpoints/scripts/get-script.ts';
import { listScripts } from './endpoints/scripts/list-scripts.ts';
import { listStrategies } from './endpoints/strategies/list-strategies.ts';
import { listStyles } from './endpoints/styles/list-styles.ts';
import { createSidecarToken } from './endpoints/sidecar-tokens/create-sidecar-token.ts';
import { listSidecarTokens } from './endpoints/sidecar-tokens/list-sidecar-tokens.ts';
import { revokeSidecarToken } from './endpoints/sidecar-tokens/revoke-sidecar-token.ts';
import { createTarget } from './endpoints/targets/create-target.ts';
import { getTarget } from './endpoints/targets/get-target.ts';
import { listTargets } from './endpoints/targets/list-targets.ts';
import { testNewTarget } from './endpoints/targets/test-new-target.ts';
import { testTarget } from './endpoints/targets/test-target.ts';
import { updateTarget } from './endpoints/targets/update-target.ts';

import { createWebhook } from './endpoints/webhooks/create-webhook.ts';
import { listWebhooks } from './endpoints/webhooks/list-webhooks.ts';
import { changeWebhook } from './endpoints/webhooks/change-webhook.ts';
import { removeWebhook } from './endpoints/webhooks/remove-webhook.ts';
import { rotateWebhookSecret } from './endpoints/webhooks/rotate-webhook-secret.ts';
import { testWebhook } from './endpoints/webhooks/test-webhook.ts';
import { listWebhookDeliveries } from './endpoints/webhooks/list-webhook-deliveries.ts';
import { getWebhookDelivery } from './endpoints/webhooks/get-webhook-delivery.ts';
import { redeliverWebhook } from './endpoints/webhooks/redeliver-webhook.ts';
import { getUsage } from './endpoints/usage/get-usage.ts';

/** Every endpoint of the API. Router, OpenAPI document and tests are made from this list. */
export const endpoints: readonly Endpoint[] = [
  getWhoami,
  createMember,
  listMembers,
  changeMemberRole,
  removeMember,
  createApiKey,
  listApiKeys,
  rotateApiKey,
  revokeApiKey,
  listAuditLogs,
  getAuditHead,
  listAuditChain,
  createProject,
  getProject,
  changeProjectEnvironment,
  getProductionGuard,
  confirmProduction,
  getEmergencyStop,
  stopEverything,
  liftEmergencyStop,
  listProjects,
  changeProjectStyles,
  createSidecarToken,
  listSidecarTokens,
  revokeSidecarToken,
  createTarget,
  getTarget,
  listTargets,
  testTarget,
  testNewTarget,
  updateTarget,
  resealSecrets,
  createSchedule,
  changeSchedule,
  deleteSchedule,
  listSchedules,
  getSchedule,
  listScheduleFirings,
  backfillSchedule,
  createScript,
  getScript,
  listScripts,
  createLibrary,
  listLibraries,
  getLibrary,
  openLibraryScan,
  putLibraryEntries,
  endLibraryScan,
  listLibraryScans,
  listLibraryEntries,
  makeLibraryScripts,
  listStrategies,
  listCategories,
  createCalibration,
  judgeCalibrationRow,
  getCalibration,
  listCalibrations,
  listStyles,
  listApprovals,
  getApproval,
  decideApproval,
  issueDecisionToken,
  redeemDecisionToken,
  createDelegation,
  listDelegations,
  revokeDelegation,
  putPolicy,
  listPolicies,
  checkPolicy,
  createRun,
  getPlantedDocument,
  getReportKey,
  getRunProgress,
  getRunReport,
  getRun,
  listRunCleanups,
  listRunFindings,
  listRunHistory,
  listRuns,
  listRunPlan,
  executeRun,
  retryRun,
  listDeadLetters,
  retryDeadLetters,
  stopRun,
  pauseRun,
  resumeRun,
  adjustRun,
  streamRunEvents,
  getProbe,
  listProbes,
  ingestEvents,
  createWebhook,
  listWebhooks,
  changeWebhook,
  removeWebhook,
  rotateWebhookSecret,
  testWebhook,
  listWebhookDeliveries,
  getWebhookDelivery,
  redeliverWebhook,
  getUsage,
  getDatabaseHealth,
  getHealth,
  getLiveness,
  getReadiness,
  getRedisHealth,
  getTemporalHealth,
];
