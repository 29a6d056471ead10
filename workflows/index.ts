/** The only registry of workflows: what is exported here is a workflow type. */
export { runWorkflow } from './run-workflow.ts';
export { scheduledRunWorkflow } from './scheduled-run-workflow.ts';
