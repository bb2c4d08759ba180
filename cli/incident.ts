import type { Command } from 'commander';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { incidentIdOf } from '../playbook/model/principal';
import { statusQuery, undoUpdate } from '../workflows/messages';
import type { IncidentStatus } from '../workflows/incident/state';
import { evidenceStore } from '../workers/evidence';
import { readReport } from '../workers/report';
import { print, withClient, configOf, plain } from './context';
import { CommandError, exit } from './exit';
import { asPerson, signed, type Who } from './identity';

export function incidentCommands(program: Command): void {
  const incident = program.command('incident').description('what is under way, what was done, and how to undo it');

  incident
    .command('list')
    .description('open incidents, newest first (--all for closed ones too)')
    .option('--all', 'closed ones too', false)
    .action(async (options: { all: boolean }, command: Command) =>
      withClient(command, async (client) => {
        const rows = [];
        const query = `WorkflowType = 'incident'${options.all ? '' : " AND ExecutionStatus = 'Running'"}`;
        for await (const one of client.workflow.list({ query })) {
          const attributes = one.searchAttributes as Record<string, string[] | undefined>;
          rows.push({ incident: one.workflowId, status: one.status.name, phase: attributes['TourniquetPhase']?.[0] ?? null, verdict: attributes['TourniquetVerdict']?.[0] ?? null, risk: attributes['TourniquetRisk']?.[0] ?? null, started: one.startTime.toISOString() });
        }
        print(command, rows, rows.length ? rows.map((row) => `${row.incident}  ${row.started}  ${row.status.padEnd(10)} ${row.verdict ?? '-'}  ${row.phase ?? '-'}`) : ['no incidents']);
      }));

  incident
    .command('show <incident>')
    .description('one incident: verdict, steps, findings, what it waits for')
    .action(async (id: string, _options: object, command: Command) =>
      withClient(command, async (client) => {
        const status = await found(id, () => client.workflow.getHandle(id).query(statusQuery));
        print(command, status, describe(status));
      }));

  asPerson(incident.command('undo <incident>').description('say that it was a false positive: an approver is asked, then everything reversible goes back'))
    .requiredOption('--reason <text>', 'why; it is recorded and shown to the approver')
    .action(async (id: string, options: Who & { reason: string }, command: Command) =>
      withClient(command, async (client, config) => {
        const { as: by, reason } = options;
        const signature = signed(config, options, { act: 'incident-undo', person: by, incident: id, reason });
        try {
          await found(id, () => client.workflow.getHandle(id).executeUpdate(undoUpdate, { args: [{ by, reason, signature }] }));
        } catch (error) {
          if (error instanceof WorkflowUpdateFailedError) throw new CommandError(`refused: ${error.cause?.message ?? error.message}`, exit.failed);
          throw error;
        }
        print(command, { incident: id, undo: 'asked' }, [`undo of ${id} is asked; an approver other than you must say yes`]);
      }));

  incident
    .command('report <case>')
    .description('the report of a case (`inc-….1`), as Markdown; --html for the page, --ocsf for a finding')
    .option('--html', 'the HTML page', false)
    .option('--ocsf', 'an OCSF Detection Finding, for a SIEM or a lake', false)
    .action(async (caseKey: string, options: { html: boolean; ocsf: boolean }, command: Command) => {
      const config = configOf(command);
      const store = evidenceStore(config);
      if (!(await store.cases()).includes(caseKey)) throw new CommandError(`there is no case ${plain(caseKey)} in the evidence store (a case looks like inc-….1)`, exit.failed);
      const report = await readReport(store, caseKey, options.ocsf ? 'ocsf' : options.html ? 'html' : 'md', config.people);
      process.stdout.write(report);
    });
}

async function found<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new CommandError(`there is no incident ${plain(id)} (an id looks like ${incidentIdOf({ provider: 'aws', account: '111122223333', id: 'example' })})`, exit.failed);
    throw error;
  }
}

function describe(status: IncidentStatus): string[] {
  return [
    `${status.incident}  ${status.principal.kind} ${status.principal.name} (${status.principal.provider} ${status.principal.account})`,
    ...status.others.map((other) => `and ${other.kind} ${other.name} (${other.provider} ${other.account}): the same person`),
    `phase ${status.phase}; ${status.joined} alerts; verdict ${status.verdict ? `${status.verdict.kind} (${status.verdict.risk})` : 'none yet'}`,
    ...(status.verdict?.reasons.map((reason) => `  because ${reason.text} [${reason.source}]`) ?? []),
    ...status.steps.map((step) => `  ${step.row} ${step.holds ? 'holds ' : step.state.padEnd(6)} ${step.title}: ${step.target}`),
    ...status.findings.map((finding) => `  ${finding.check}: ${finding.state}: ${finding.summary}`),
    ...status.waitingFor.map((one) => `waiting for ${one.purpose} approval ${one.approval}`),
    ...status.humanTasks.map((task) => `task for a person: ${task.title} (${task.reference}) ${task.done ? 'proven' : 'open'}`),
    ...(status.breakGlass ? [`break-glass: ${status.breakGlass.outcome}`] : []),
    ...(status.watchUntil ? [`watched until ${status.watchUntil}`] : []),
    ...status.problems.map((problem) => `PROBLEM ${problem}`),
  ];
}
