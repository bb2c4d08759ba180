import type { Target } from '../../playbook/model/plan';
import { fail } from '../boundary';
import type { AwsConfig } from './config';
import type { AwsContext } from './context';

/** Account, kind and last name of an IAM ARN: IAM names are unique per account whatever their path and letter case. */
function pathless(arn: string): string | null {
  const match = /^arn:[^:]*:(iam|sts)::(\d{12}):(user|role|assumed-role|group)\/(?:.*\/)?([^/]+)$/i.exec(arn);
  return match ? `${match[2]}/${match[3]!.toLowerCase()}/${match[4]!.toLowerCase()}` : null;
}

function matches(entry: string, value: string): boolean {
  const [wanted, seen] = [entry.toLowerCase(), value.toLowerCase()];
  if (wanted === seen) return true;
  // A bare name on the list covers the identity, however it is named.
  if (!wanted.includes(':') && wanted === pathless(value)?.split('/')[2]) return true;
  if (wanted.includes('*')) return new RegExp(`^${wanted.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`).test(seen);
  const bare = pathless(entry);
  return bare !== null && bare === pathless(value);
}

/** The entry of the protected list that covers one of the ids or names, or null. Tourniquet's own responder roles are always on it. */
export function protectedBy(config: Pick<AwsConfig, 'protected' | 'accounts'>, ...values: readonly string[]): string | null {
  const entries = [...config.protected, ...config.accounts.map((account) => account.roleArn)].filter((entry) => entry !== '');
  return entries.find((entry) => values.some((value) => value !== '' && matches(entry, value))) ?? null;
}

/** Throws PROTECTED_PRINCIPAL. Called where a step is planned and again where it would act: a plan is not proof. */
export function refuseProtected(ctx: Pick<AwsContext, 'access'>, target: Pick<Target, 'id' | 'name'>, ...more: readonly string[]): void {
  const entry = protectedBy(ctx.access.config, target.id, target.name, ...more);
  if (entry) throw fail('PROTECTED_PRINCIPAL', `${target.name} is on the protected list (${entry}): nothing was done`);
}
