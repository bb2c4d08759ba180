import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Payload } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { codecOf } from '../../workers/temporal';
import type { House } from './house';

/** Everywhere that one of these texts can be read: histories as they are and decrypted, Slack, the processes' logs, the record, the vault's audit log. */
export async function leaks(house: House, secrets: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const look = (where: string, content: Uint8Array | string): void => {
    if (secrets.some((secret) => Buffer.from(content as string).includes(secret))) found.push(where);
  };
  const codec = codecOf(house.config);
  for await (const one of house.client.workflow.list()) {
    const history = await house.client.workflow.getHandle(one.workflowId, one.runId).fetchHistory();
    look(`history of ${one.type}`, temporal.api.history.v1.History.encode(history).finish());
    for (const payload of await codec.decode(payloadsIn(history))) look(`a payload of ${one.type}`, payload.data ?? '');
  }
  look('Slack', JSON.stringify(house.slack.messages()));
  for (const caseKey of await house.evidence.cases()) look(`record of ${caseKey}`, JSON.stringify(await house.evidence.readChain(caseKey)));
  for (const file of [join(house.folder, 'roles.log'), house.vault.auditLog]) if (existsSync(file)) look(file, readFileSync(file));
  return found;
}

function payloadsIn(value: unknown, found: Payload[] = []): Payload[] {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return found;
  const { metadata, data } = value as Payload;
  if (metadata && data instanceof Uint8Array && 'encoding' in metadata) found.push(value as Payload);
  else for (const member of Object.values(value)) payloadsIn(member, found);
  return found;
}
