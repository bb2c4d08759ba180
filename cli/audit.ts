import type { Command } from 'commander';
import { createReviewPort } from '../approvals/reviews';
import type { AuditProgress, ReviewView } from '../playbook/permission-audit/model';
import { placesOf } from '../playbook/signed-request';
import { auditPlaces } from '../workers/config/audit';
import { auditProgressQuery } from '../workflows/audit/messages';
import { print, withClient } from './context';
import { CommandError, exit } from './exit';
import { keyHelp, signed, type Who } from './identity';

const LOOK_MS = 500;

export function auditCommands(program: Command): void {
  const audit = program
    .command('audit-permissions')
    .description('what nobody has used for 90 days, and what is granted too widely: its owner is asked, nothing is removed without a yes')
    .option('--as <person>', 'who you are; you do not answer for an owner', process.env['TOURNIQUET_PERSON'])
    .option('--key <file>', keyHelp, process.env['TOURNIQUET_KEY'])
    .option('--account <account>', 'this account or tenant only, by name or id')
    .option('--wait', 'stay until everything has been looked at', false)
    .option('--schedule', 'look again every `permissionAudit.every`, from now on', false)
    .option('--unschedule', 'no longer', false)
    .action(async (options: Partial<Who> & { account?: string; wait: boolean; schedule: boolean; unschedule: boolean }, command: Command) =>
      withClient(command, async (client, config) => {
        const id = [...(config.aws?.accounts ?? []), ...(config.azure?.tenants ?? [])].find((one) => one.id === options.account || one.name === options.account)?.id;
        const places = auditPlaces(config).filter((one) => options.account === undefined || one.account === id);
        if (places.length === 0) throw new CommandError('there is no such account to audit', exit.usage);
        const port = createReviewPort(client);
        if (options.unschedule || options.schedule) {
          const everyMs = options.unschedule ? null : config.permissionAudit.every;
          await port.schedule({ places, requester: null }, everyMs);
          print(command, { everyMs }, [everyMs === null ? 'no longer on a schedule' : `scheduled every ${Math.round(everyMs / 3_600_000)} h; see “permission-audit” among Temporal’s schedules`]);
          return;
        }
        const who = whoOf(options);
        const audited = await port.audit({ places, requester: who.as, signature: signed(config, who, { act: 'audit', person: who.as, places: placesOf(places) }) });
        const handle = client.workflow.getHandle(audited);
        let progress: AuditProgress | null = null;
        while (options.wait && !progress?.done) {
          await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
          progress = await handle.query(auditProgressQuery);
        }
        print(command, { audit: audited, ...progress }, [`${audited} looks at ${places.length} account${places.length > 1 ? 's' : ''}`, ...(progress ? summary(progress) : ['see `tourniquet audit-permissions list`'])]);
        if (progress && progress.failed.length > 0) throw new CommandError('not everything could be looked at', exit.checkFailed);
      }));

  audit
    .command('list')
    .description('every review that is open: asked, in quarantine, narrowed, needed until')
    .action(async (_options: object, command: Command) =>
      withClient(command, async (client) => {
        const views = await createReviewPort(client).all();
        print(command, views, views.length > 0 ? views.flatMap(lines) : ['nothing is under review']);
      }));

  audit
    .command('undo <review>')
    .description('restore what is in quarantine or was narrowed: its owner or their manager; approvers press “Restore it” in Slack, or `approval deny` its question')
    .requiredOption('--reason <text>', 'why; it goes into the record')
    .action(async (review: string, options: { reason: string }, command: Command) =>
      withClient(command, async (client, config) => {
        const who = whoOf(command.optsWithGlobals<Partial<Who>>());
        const { reason } = options;
        const answer = await createReviewPort(client).undo(review, { by: who.as, reason, signature: signed(config, who, { act: 'audit-undo', person: who.as, review, reason }) });
        if (!answer.ok) throw new CommandError(`refused: ${answer.message}`, exit.failed);
        print(command, answer.review, [`${review}: asked to be restored; see \`tourniquet audit-permissions list\``]);
      }));
}

/** The group’s own action and its sub-commands share these options, so that commander cannot demand them. */
function whoOf({ as, key }: Partial<Who>): Who {
  if (as === undefined || key === undefined) throw new CommandError('--as <person> and --key <file> are needed', exit.usage);
  return { as, key };
}

const summary = ({ looked, outcomes, reviews, failed }: AuditProgress): string[] => [
  `${looked} looked at: ${Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`).join(', ') || 'nothing'}`, `${reviews.length} under review`, ...failed.map((line) => `not looked at: ${line}`),
];

const lines = (view: ReviewView): string[] => [
  `${view.review}  ${view.subject.account}  ${view.subject.kind} ${view.subject.name}  ${view.stage}${view.until ? ` until ${view.until}` : ''}${view.owner?.owner ? `  owner ${view.owner.owner} (${view.owner.because})` : ''}${view.approval ? `  ${view.approval}` : ''}${view.note ? `  ${view.note}` : ''}`,
  ...(view.judgement?.why ?? []).map((why) => `    ${why}`),
];
