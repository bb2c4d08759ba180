import type { Check } from '../../provider';
import type { AzureContext } from '../context';
import { allIdentities } from './checks/all-identities';
import { billing, rootBilling } from './checks/billing';
import { channel } from './checks/channel';
import { compute } from './checks/compute';
import { functions } from './checks/functions';
import { identities } from './checks/identities';
import { logging } from './checks/logging';
import { mfa } from './checks/mfa';
import { network } from './checks/network';
import { permissions } from './checks/permissions';
import { resources } from './checks/resources';
import { sourceIp } from './checks/source-ip';
import { storage } from './checks/storage';
import { trusts } from './checks/trusts';
import { who } from './checks/who';

/** The checks that Entra and Azure answer: 1.2 without 1.2.5 (tickets: playbook/change-request), 1.3, and the audits of 2.2. */
export const azureChecks: readonly Check<AzureContext>[] = [
  who, sourceIp, channel, mfa, permissions, resources, billing, compute, storage, network, functions, logging, identities, allIdentities, trusts, rootBilling,
];
