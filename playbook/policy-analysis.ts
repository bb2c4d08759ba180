import { reachOf } from './addresses';

/** One statement of an AWS policy document, members made lists. */
export interface Statement {
  effect: 'Allow' | 'Deny';
  /** AWS principals (`*`, account ids, ARNs); null when the statement has no Principal. */
  principals: { type: string; value: string }[] | null;
  notPrincipal: boolean;
  actions: string[];
  notActions: string[];
  resources: string[];
  notResources: string[];
  /** operator, key (lower case), values. */
  conditions: { operator: string; key: string; values: string[] }[];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function listOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  return Array.isArray(value) ? value.flatMap((item) => (Array.isArray(item) ? [] : listOf(item))) : [];
}

/** AWS reads policy element names without regard to case only in part; hostile documents are read tolerantly here, so that a spelling cannot hide a grant. */
function member(object: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  const lower = name.toLowerCase();
  for (const key of Object.keys(object)) if (key.toLowerCase() === lower) return object[key];
  return undefined;
}

function principalsOf(value: unknown): Statement['principals'] {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return [{ type: 'AWS', value }];
  if (Array.isArray(value)) return listOf(value).map((one) => ({ type: 'AWS', value: one }));
  if (!isObject(value)) return null;
  return Object.entries(value).flatMap(([type, values]) => listOf(values).map((one) => ({ type, value: one })));
}

function conditionsOf(value: unknown): Statement['conditions'] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([operator, keys]) =>
    isObject(keys) ? Object.entries(keys).map(([key, values]) => ({ operator: operator.toLowerCase(), key: key.toLowerCase(), values: listOf(values) })) : [],
  );
}

/**
 * The statements of a policy document given as JSON text (also URL-encoded, as IAM returns it) or as an object.
 * Null when it is no policy document: callers must not take that for harmless.
 */
export function statementsOf(document: unknown): Statement[] | null {
  let value = document;
  if (typeof value === 'string') {
    if (value.length > 200_000) return null;
    try {
      value = JSON.parse(value.startsWith('%') ? decodeURIComponent(value) : value);
    } catch {
      return null;
    }
  }
  if (!isObject(value)) return null;
  const raw = member(value, 'Statement');
  const statements = Array.isArray(raw) ? raw : raw === undefined ? null : [raw];
  if (!statements) return null;
  return statements.filter(isObject).map((statement) => {
    const notPrincipal = member(statement, 'NotPrincipal');
    const effect = member(statement, 'Effect');
    return {
      // Anything that is not clearly a Deny is read as a grant.
      effect: typeof effect === 'string' && effect.toLowerCase() === 'deny' ? 'Deny' : 'Allow',
      principals: principalsOf(notPrincipal ?? member(statement, 'Principal')),
      notPrincipal: notPrincipal !== undefined,
      actions: listOf(member(statement, 'Action')),
      notActions: listOf(member(statement, 'NotAction')),
      resources: listOf(member(statement, 'Resource')),
      notResources: listOf(member(statement, 'NotResource')),
      conditions: conditionsOf(member(statement, 'Condition')),
    };
  });
}

/**
 * Condition keys that, held to fixed values, keep the anonymous and the unknown out.
 * Source: S3 user guide, "The meaning of public"; IAM user guide, global condition context keys.
 */
const CLOSING_KEYS = new Set([
  'aws:principalorgid', 'aws:principalorgpaths', 'aws:principalaccount', 'aws:principalarn', 'aws:userid', 'aws:sourcearn', 'aws:sourceaccount', 'aws:sourceowner',
  'aws:sourceorgid', 'aws:sourceorgpaths', 'aws:sourcevpc', 'aws:sourcevpce', 's3:dataaccesspointarn', 's3:dataaccesspointaccount', 'kms:calleraccount', 'aws:vpcsourceip',
]);

function fixes(operator: string, key: string, values: string[]): boolean {
  if (values.length === 0) return false;
  // Negations, `…IfExists` and `ForAllValues:` are true for a request that lacks the key.
  if (operator.includes('not') || operator.endsWith('ifexists') || operator.startsWith('forallvalues:')) return false;
  if (key === 'aws:sourceip') return operator.startsWith('ipaddress') && values.every((cidr) => narrow(cidr));
  if (!CLOSING_KEYS.has(key)) return false;
  const base = operator.startsWith('foranyvalue:') ? operator.slice('foranyvalue:'.length) : operator;
  if (!/^(string|arn)(equals|like|equalsignorecase)$/.test(base)) return false;
  return values.every((value) => !wild(key, value));
}

/** A value so wide that it fixes nothing: `*`, or an ARN whose account is open. */
function wild(key: string, value: string): boolean {
  if (!value.includes('*') && !value.includes('?')) return value === '';
  if (key.endsWith('arn')) {
    const account = value.split(':')[4] ?? '';
    // S3 ARNs carry no account: then the name must be fixed.
    return account === '' ? (value.split(':').slice(5).join(':')).replaceAll('*', '') === '' : !/^\d{12}$/.test(account);
  }
  if (key === 'aws:principalorgpaths' || key === 'aws:sourceorgpaths') return !/^o-[a-z0-9]{10,32}\//.test(value);
  if (key === 'aws:userid') return value.replaceAll('*', '').length < 17;
  return true;
}

/** S3 counts a range wider than /8 (IPv4) or /32 (IPv6) as public. */
function narrow(cidr: string): boolean {
  if (reachOf(cidr) === 'private') return true;
  if (reachOf(cidr) !== 'public') return false;
  const slash = cidr.indexOf('/');
  if (slash < 0) return true;
  return Number(cidr.slice(slash + 1)) >= (cidr.includes(':') ? 32 : 8);
}

const closed = (statement: Statement): boolean => statement.conditions.some(({ operator, key, values }) => fixes(operator, key, values));
const anyone = (statement: Statement): boolean =>
  statement.notPrincipal || (statement.principals?.some(({ type, value }) => type.toLowerCase() === 'aws' && value.trim() === '*') ?? false);

/** The account id inside an AWS principal (`123456789012`, an IAM or STS ARN), or null (`*`, service, unique id of a deleted identity). */
export function accountOf(principal: string): string | null {
  const id = principal.startsWith('arn:') ? (principal.split(':')[4] ?? '') : principal;
  return /^\d{12}$/.test(id) ? id : null;
}

export interface Outside {
  /** `anyone` on the internet or in any account; a named other `account`; an `organization` by condition; an identity provider without a subject condition. */
  kind: 'anyone' | 'account' | 'organization' | 'identity-provider';
  who: string;
}

/**
 * Who outside of `account` a resource policy or a role's trust policy lets in, Conditions understood. Empty: nobody; null: no policy document.
 * `account` null (unknown): every named account counts as outside.
 */
export function trustsOutside(document: unknown, account: string | null): Outside[] | null {
  const statements = statementsOf(document);
  if (!statements) return null;
  const out: Outside[] = [];
  for (const statement of statements) {
    if (statement.effect !== 'Allow' || statement.principals === null) continue;
    if (anyone(statement)) {
      const own = conditionAccounts(statement);
      if (!closed(statement)) out.push({ kind: 'anyone', who: statement.notPrincipal ? 'everyone but the named' : '*' });
      else if (own.length > 0) out.push(...own.filter((id) => id !== account).map((who): Outside => ({ kind: 'account', who })));
      else if (orgsOf(statement).length > 0) out.push(...orgsOf(statement).map((who): Outside => ({ kind: 'organization', who })));
      continue;
    }
    for (const { type, value } of statement.principals) {
      const kind = type.toLowerCase();
      if (kind === 'aws') {
        const other = accountOf(value);
        if (other !== null && other !== account) out.push({ kind: 'account', who: value });
      } else if (kind === 'federated' && !boundToSubject(statement, value)) {
        out.push({ kind: 'identity-provider', who: value });
      }
    }
  }
  return out;
}

/** What of the account itself a trust policy lets in, the widest first: its identities, workloads of an OIDC provider, people of a SAML provider; null: nothing but AWS services. */
export function trustsInside(document: unknown, account: string): 'identity' | 'oidc' | 'saml' | null {
  const allowed = (statementsOf(document) ?? []).filter(({ effect }) => effect === 'Allow').flatMap((statement) => statement.principals ?? []);
  const of = (type: string): string[] => allowed.filter((one) => one.type.toLowerCase() === type).map(({ value }) => value);
  if (of('aws').some((value) => value.trim() === '*' || accountOf(value) === account)) return 'identity';
  const federated = of('federated');
  if (federated.some((value) => !value.includes(':saml-provider/'))) return 'oidc';
  return federated.length > 0 ? 'saml' : null;
}

function conditionAccounts(statement: Statement): string[] {
  return statement.conditions
    .filter(({ operator, key, values }) => fixes(operator, key, values))
    .flatMap(({ key, values }) => (['aws:principalaccount', 'aws:sourceaccount', 'aws:sourceowner', 'kms:calleraccount'].includes(key) ? values : key.endsWith('arn') ? values.map((arn) => accountOf(arn) ?? '') : []))
    .filter((id) => /^\d{12}$/.test(id));
}

function orgsOf(statement: Statement): string[] {
  return statement.conditions.filter(({ key }) => key === 'aws:principalorgid' || key === 'aws:principalorgpaths').flatMap(({ values }) => values);
}

/** SAML answers only to its own provider; an OIDC provider serves everybody who has an account there, so the subject must be held. */
function boundToSubject(statement: Statement, provider: string): boolean {
  if (provider.includes(':saml-provider/')) return true;
  return statement.conditions.some(
    ({ operator, key, values }) =>
      (key.endsWith(':sub') || key.endsWith(':aud') || key.endsWith(':amr') || key.endsWith(':repository')) &&
      !operator.includes('not') && !operator.endsWith('ifexists') && values.length > 0 &&
      (key.endsWith(':aud') ? !provider.includes('token.actions.githubusercontent.com') : true) &&
      values.every((value) => value.replaceAll('*', '').replaceAll('?', '').replace('repo:', '').length > 1),
  );
}

/** Does the policy let anybody in, the anonymous or any AWS account? Null when it is no policy document. */
export function isPublic(document: unknown): boolean | null {
  const statements = statementsOf(document);
  if (!statements) return null;
  return statements.some((statement) => statement.effect === 'Allow' && statement.principals !== null && anyone(statement) && !closed(statement));
}
