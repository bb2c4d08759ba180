import { GUID } from '../../intake/identity';
import type { ParseOptions } from '../../intake/source';
import { personOf } from '../../playbook/model/people';
import type { Config } from '../config/schema';

/** The tenant of records that do not name theirs: the one that is named, else the only one. */
export function tenantOf(config: Config): string | undefined {
  return config.intake.tenant ?? (config.azure?.tenants.length === 1 ? config.azure.tenants[0]!.id : undefined);
}

/** A name of the domain (`CORP\ada`, a SID, a UPN) → the Entra identity of that person: the object id among `people[].identities`. */
export function entraIdentityOf(config: Config): ParseOptions['personOf'] {
  const tenant = tenantOf(config);
  if (tenant === undefined) return undefined;
  return (name) => {
    const person = personOf(config.people, name);
    const id = person?.identities.find((one) => GUID.test(one));
    return person && id ? { provider: 'azure', account: tenant, kind: 'user', id: id.toLowerCase(), name: person.identities.find((one) => one.includes('@')) ?? person.email } : null;
  };
}
