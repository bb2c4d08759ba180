import {
  GetFunctionCommand, GetFunctionUrlConfigCommand, GetPolicyCommand, paginateListAliases, paginateListEventSourceMappings, paginateListVersionsByFunction,
  type GetFunctionCommandOutput, type LambdaClient,
} from '@aws-sdk/client-lambda';
import type { JsonObject } from '../../../playbook/json';
import { fail } from '../../boundary';
import { all, orNull } from './support';

/** What identifies the function that was planned: Lambda gives no id of its own, so its code and role stand for it. No environment values: they may be secrets. */
export function functionFacts(found: GetFunctionCommandOutput) {
  const configuration = found.Configuration;
  return {
    arn: configuration?.FunctionArn ?? '', code: configuration?.CodeSha256 ?? null, image: found.Code?.ResolvedImageUri ?? null, role: configuration?.Role ?? null,
    runtime: configuration?.Runtime ?? null, modifiedAt: configuration?.LastModified ?? null, environment: Object.keys(configuration?.Environment?.Variables ?? {}).sort(),
  };
}

export function findFunction(lambda: LambdaClient, name: string): Promise<GetFunctionCommandOutput | null> {
  return orNull(lambda.send(new GetFunctionCommand({ FunctionName: name })));
}

/** The function's resource policy (of one qualifier, or unqualified), or null. */
export async function functionPolicy(lambda: LambdaClient, name: string, qualifier?: string): Promise<JsonObject | null> {
  const found = await orNull(lambda.send(new GetPolicyCommand({ FunctionName: name, Qualifier: qualifier })));
  return found?.Policy ? (JSON.parse(found.Policy) as JsonObject) : null;
}

export interface FunctionParts {
  mappings: { id: string; source: string }[];
  aliases: string[];
  versions: string[];
  /** Qualifiers with a function URL; null is the unqualified one. */
  urls: { qualifier: string | null; url: string }[];
}

/** Everything that can start the function or hangs on it. */
export async function readFunctionParts(lambda: LambdaClient, name: string): Promise<FunctionParts> {
  const client = { client: lambda };
  const of = { FunctionName: name };
  const [mappings, aliases, versions] = await Promise.all([
    all(paginateListEventSourceMappings(client, of), (page) => page.EventSourceMappings),
    all(paginateListAliases(client, of), (page) => page.Aliases),
    all(paginateListVersionsByFunction(client, of), (page) => page.Versions),
  ]);
  const qualifiers = [null, ...aliases.map((alias) => alias.Name ?? '')];
  const urls = await Promise.all(
    qualifiers.map(async (qualifier) => ({ qualifier, url: (await orNull(lambda.send(new GetFunctionUrlConfigCommand({ ...of, Qualifier: qualifier ?? undefined }))))?.FunctionUrl ?? null })),
  );
  return {
    mappings: mappings.map((one) => ({ id: one.UUID ?? '', source: one.EventSourceArn ?? '' })),
    aliases: aliases.map((alias) => alias.Name ?? ''),
    versions: versions.map((version) => version.Version ?? '').filter((version) => version !== '$LATEST'),
    urls: urls.filter((one): one is { qualifier: string | null; url: string } => one.url !== null),
  };
}

/** The deployment package behind the presigned address that GetFunction gives (valid for ten minutes). Throws EVIDENCE_UNAVAILABLE. */
export async function downloadCode(location: string): Promise<Uint8Array> {
  try {
    const answer = await fetch(location, { signal: AbortSignal.timeout(60_000) });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    // The address itself is a credential for ten minutes: it is not in the message.
    throw fail('EVIDENCE_UNAVAILABLE', `the function's code could not be downloaded (${String((error as { message?: unknown }).message ?? 'no answer')}): the function stays`);
  }
}
