import type { Principal } from '../playbook/model/principal';
import { azurePrincipal } from './azure-fields';
import { ipOf, isMembers, membersOf, text, type Members } from './fields';
import type { ParseOptions } from './source';

/** What the entities of one alert say, for whoever reads it. */
export interface Entities {
  /** The first account that has an object id, else a user principal name, else one that the directory of people knows; null: no usable identity. */
  principal: Principal | null;
  /** Tenant that the accounts or the alert's identifiers name; empty when none does. */
  tenant: string;
  addresses: string[];
  /** Resource id (ARM) of the first Azure resource; empty when there is none. */
  resource: string;
}

const MOST = 200;

/** A member by its name in either case: Sentinel writes `aadUserId`, Defender for Cloud `AadUserId`. */
const member = (entity: Members, name: string): string => text(entity[name]) || text(entity[name[0]!.toUpperCase() + name.slice(1)]);

/** An entity as it is (Defender for Cloud: `Type` beside the members), or with its members under `properties` (Sentinel: `kind`). */
function flat(given: unknown): { kind: string; of: Members } {
  const entity = membersOf(given);
  return { kind: (text(entity['kind']) || member(entity, 'type')).toLowerCase(), of: isMembers(entity['properties']) ? entity['properties'] : entity };
}

const tenantIn = (list: readonly { of: Members }[]): string => list.map(({ of }) => member(of, 'aadTenantId')).find((one) => one !== '') ?? '';

/** Tenant of the accounts and of the resource identifiers (`{"Type": "AAD", "AadTenantId": …}`). */
export const tenantOfEntities = (lists: readonly unknown[]): string => tenantIn(lists.flatMap((list) => (Array.isArray(list) ? list.slice(0, MOST) : [])).map(flat));

/** Reads at most 200 entities. Source: Microsoft Sentinel, entity types reference; Defender for Cloud, security alerts schemas. */
export function entitiesOf(given: unknown, account: string, personOf: ParseOptions['personOf']): Entities {
  const list = (Array.isArray(given) ? given : []).slice(0, MOST).map(flat);
  const accounts = list.filter(({ kind }) => kind === 'account').map(({ of }) => of);
  const id = (one: Members): string => member(one, 'aadUserId');
  const chosen = accounts.find((one) => id(one) !== '') ?? accounts.find((one) => upnOf(one) !== '');
  const addresses = list.filter(({ kind }) => kind === 'ip').map(({ of }) => ipOf(of['address'] ?? of['Address'])).filter((ip) => ip !== null);
  return {
    principal: chosen ? azurePrincipal(account, 'user', id(chosen), upnOf(chosen) || member(chosen, 'displayName')) : personIn(accounts, personOf),
    tenant: tenantIn(list), addresses: [...new Set(addresses)].slice(0, 50),
    resource: list.filter(({ kind }) => /^azure-?resource$/.test(kind)).map(({ of }) => member(of, 'resourceId')).find((one) => one !== '') ?? '',
  };
}

function upnOf(account: Members): string {
  const given = member(account, 'userPrincipalName');
  if (given.includes('@')) return given;
  const name = member(account, 'accountName') || member(account, 'name');
  const suffix = member(account, 'upnSuffix') || member(account, 'uPNSuffix') || text(account['UPNSuffix']);
  if (name.includes('@')) return name;
  return name !== '' && suffix !== '' ? `${name}@${suffix}` : '';
}

/** An account of the domain only: whom the directory of people knows by its SID or as `DOMAIN\\name`. */
function personIn(accounts: readonly Members[], personOf: ParseOptions['personOf']): Principal | null {
  for (const account of accounts) {
    const name = member(account, 'accountName') || member(account, 'name');
    const domain = member(account, 'ntDomain') || text(account['NTDomain']);
    for (const known of [member(account, 'sid'), domain !== '' && name !== '' ? `${domain}\\${name}` : '']) {
      const person = known !== '' && known.length <= 512 ? (personOf?.(known) ?? null) : null;
      if (person) return person;
    }
  }
  return null;
}
