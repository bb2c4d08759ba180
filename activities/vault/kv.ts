import type { StolenWrapping } from '../../playbook/stolen-wrapping';
import { fail } from '../boundary';
import type { VaultClient } from './client';

export interface Entry<T> {
  /** Null: never written, deleted, or destroyed. */
  data: T | null;
  /** Current version, 0 when never written; what check-and-set must name, also after a destroy. */
  version: number;
}

interface Stored { data: unknown; metadata: { version: number } }

/** Long enough for two requests, short for anybody else. */
const WRAP_TTL = '60s';

/** One KV v2 mount (openbao.org/api-docs/secret/kv/kv-v2). Every write is a check-and-set. */
export class Kv {
  constructor(private readonly client: VaultClient, readonly mount: string) {}

  /** The current version, or the named one. */
  async read<T>(path: string, version?: number): Promise<Entry<T>> {
    const answer = await this.client.request('GET', `${this.mount}/data/${path}${version === undefined ? '' : `?version=${version}`}`, undefined, [404]);
    const stored = answer.body.data as Stored | undefined;
    // A destroyed version is a 404 too, but one that names its version.
    return stored ? { data: (stored.data ?? null) as T | null, version: stored.metadata.version } : { data: null, version: 0 };
  }

  /**
   * Reads wrapped: what comes back is a token that opens once. It is looked at before it is opened: not ours any more, or made from anything but this very path,
   * is WRAPPING_COMPROMISED (openbao.org/docs/concepts/response-wrapping, "Response wrapping token validation").
   */
  async readWrapped<T>(path: string, version: number): Promise<{ data: T; accessor: string }> {
    const answer = await this.client.request('GET', `${this.mount}/data/${path}?version=${version}`, undefined, [404], { 'X-Vault-Wrap-TTL': WRAP_TTL });
    const wrap = answer.body.wrap_info as { token: string; accessor: string } | null | undefined;
    if (!wrap?.token) throw fail('LEASE_LOST', `version ${version} of ${path} is not in the vault, or came back unwrapped`);
    const asked = `${this.mount}/data/${path}`;
    const stolen = (what: string, madeFrom: string | null = null): Error =>
      fail('WRAPPING_COMPROMISED', `the wrapped ${path} (accessor ${wrap.accessor}) ${what}`, { details: { accessor: wrap.accessor, path: asked, madeFrom, at: new Date().toISOString() } satisfies StolenWrapping });
    const seen = await this.client.requestAs(wrap.token, 'sys/wrapping/lookup', { token: wrap.token });
    if (seen.status !== 200) throw stolen('was opened or revoked by somebody else');
    const { creation_path: madeFrom } = seen.body.data as { creation_path?: string };
    if (madeFrom !== asked) throw stolen(`was made from another path${String(madeFrom).startsWith('sys/wrapping/') ? ': it was opened and wrapped again' : ''}`, String(madeFrom));
    const opened = await this.client.requestAs(wrap.token, 'sys/wrapping/unwrap', {});
    if (opened.status !== 200) throw stolen('was opened by somebody else a moment ago', madeFrom);
    const data = (opened.body.data as { data?: T } | undefined)?.data;
    if (!data) throw fail('LEASE_LOST', `version ${version} of ${path} is not in the vault any more`);
    return { data, accessor: wrap.accessor };
  }

  /** Writes when the current version is still `cas`; returns the new version, or null when somebody was quicker. */
  async write(path: string, data: object, cas: number): Promise<number | null> {
    const answer = await this.client.request('POST', `${this.mount}/data/${path}`, { options: { cas }, data }, [400]);
    if (answer.status === 400) {
      if (answer.errors.some((line) => line.includes('check-and-set parameter did not match'))) return null;
      throw fail('VAULT_REFUSED', `the vault rejects the write to ${this.mount}/${path}: ${answer.errors.join('; ')}`);
    }
    return (answer.body.data as { version: number }).version;
  }

  /** Removes the data of these versions for good. */
  async destroy(path: string, versions: number[]): Promise<void> {
    if (versions.length > 0) await this.client.request('POST', `${this.mount}/destroy/${path}`, { versions });
  }

  /** Version numbers without their data. */
  async versions(path: string): Promise<{ current: number; live: number[] }> {
    const answer = await this.client.request('GET', `${this.mount}/metadata/${path}`, undefined, [404]);
    const data = answer.body.data as { current_version: number; versions: Record<string, { destroyed: boolean; deletion_time: string }> } | undefined;
    if (!data) return { current: 0, live: [] };
    return { current: data.current_version, live: Object.entries(data.versions).filter(([, one]) => !one.destroyed).map(([number]) => Number(number)) };
  }
}
