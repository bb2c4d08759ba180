import { azureProvider } from '../../../activities/azure';
import type { EvidenceSink } from '../../../activities/evidence/sink';
import { createProviderActivities } from '../../../activities/provider';
import { canonicalJson } from '../../../playbook/json';
import { sha256Hex } from '../../../playbook/digest';
import { approvalProof } from '../../../workers/approval-proof';
import type { Bed } from '../../azure-contain/bed';
import type { Stage } from '../harness';
import { World } from '../world';

/** The incident workflow with Azure's own activities against the sandbox; only the case's side (people, tickets, evidence) is a counterpart. */
export class AzureWorld extends World {
  private readonly raw = new Map<string, Uint8Array>();
  /** Called with each line of the record, before the activity that wrote it ends. */
  onRecord: (text: string) => void = () => undefined;

  constructor(private readonly bed: Bed, private readonly stage: Stage) {
    super('azure');
  }

  private readonly evidence: EvidenceSink = {
    keep: async (_case, _kind, content) => {
      const bytes = content instanceof Uint8Array ? content : Buffer.from(canonicalJson(content));
      const sha256 = sha256Hex(Buffer.from(bytes).toString('utf8'));
      this.raw.set(sha256, bytes);
      return { key: `raw/${sha256}`, sha256, bytes: bytes.length };
    },
    read: async ({ key }) => this.raw.get(key.slice('raw/'.length))!,
    record: async (_case, list) => {
      this.entries.push(...list);
      for (const { text } of list) this.onRecord(text);
    },
  };

  override providerActivities(): Record<string, (input: never) => Promise<unknown>> {
    const { estate } = this.bed.azure.world;
    return createProviderActivities(azureProvider, {
      evidence: this.evidence, approvals: approvalProof(this.stage.client), now: () => new Date(),
      withContext: ({ incident, caseKey }, use) => use({ ...this.bed.context({ config: { logDestination: { storageAccountId: estate.logStorage, workspaceId: null } } }), incident, caseKey, evidence: this.evidence }),
    });
  }
}
