import type { AlertType, HighRiskEvent, Risk } from '../model/verdict';

/** What has to hold in the record itself; each has its function in `triage/azure/`. */
export type AzureTest = 'always' | 'role-assignment' | 'storage-account' | 'container' | 'blob-service' | 'compute-created' | 'logging-written' | 'federated-domain' | 'credential-added' | 'directory-role' | 'other-than-actor' | 'defender-plan' | 'role-definition' | 'security-rule' | 'extension' | 'app-role' | 'consent' | 'conditional-access' | 'strong-authentication' | 'role-activated' | 'certificates-and-secrets';

/** Azure operations (Activity log `operationName`) or directory activities (`activityDisplayName`), lower case; a trailing or inner `*` is any run. */
export interface AzureKin {
  names: string[];
  event: HighRiskEvent;
  type: AlertType;
  risk: Risk;
  techniques: string[];
  test: AzureTest;
}

const kin = (event: HighRiskEvent, type: AlertType, risk: Risk, techniques: string[], names: string[], test: AzureTest = 'always'): AzureKin => ({ names, event, type, risk, techniques, test });

/** Activity log operations. Source: Azure resource provider operations reference. */
export const azureActivityKin: readonly AzureKin[] = [
  kin('attach-policy', 'permission-change', 'high', ['T1098.003'], ['microsoft.authorization/roleassignments/write', 'microsoft.authorization/roleassignmentschedulerequests/write', 'microsoft.authorization/roleeligibilityschedulerequests/write'], 'role-assignment'),
  kin('attach-policy', 'permission-change', 'critical', ['T1098.003', 'T1548.005'], ['microsoft.authorization/elevateaccess/action']),
  kin('attach-policy', 'permission-change', 'medium', ['T1098.003', 'T1098.006'], ['*/rbac.authorization.k8s.io/rolebindings/write', '*/rbac.authorization.k8s.io/clusterrolebindings/write', 'microsoft.keyvault/vaults/accesspolicies/write']),
  kin('cross-account-role', 'permission-change', 'critical', ['T1098.003'], ['microsoft.authorization/roledefinitions/write'], 'role-definition'),
  kin('cross-account-role', 'permission-change', 'critical', ['T1098.003'], ['microsoft.managedservices/registrationassignments/write', 'microsoft.managedservices/registrationdefinitions/write']),
  kin('create-user', 'new-identity', 'medium', ['T1136.003'], ['microsoft.managedidentity/userassignedidentities/write']),
  kin('create-access-key', 'access-key-created', 'high', ['T1098.001'], ['microsoft.managedidentity/userassignedidentities/federatedidentitycredentials/write']),
  kin('create-access-key', 'access-key-created', 'medium', ['T1098.001', 'T1552'], ['microsoft.storage/storageaccounts/regeneratekey/action', 'microsoft.storage/storageaccounts/listaccountsas/action', 'microsoft.storage/storageaccounts/listservicesas/action', 'microsoft.containerservice/managedclusters/listclusteradmincredential/action', 'microsoft.containerregistry/registries/tokens/write', 'microsoft.automation/automationaccounts/credentials/write', 'microsoft.storage/storageaccounts/localusers/write', 'microsoft.storage/storageaccounts/localusers/regeneratepassword/action', 'microsoft.eventhub/namespaces/authorizationrules/write', 'microsoft.eventhub/namespaces/authorizationrules/regeneratekeys/action', 'microsoft.servicebus/namespaces/authorizationrules/regeneratekeys/action', 'microsoft.documentdb/databaseaccounts/regeneratekey/action']),
  kin('storage-exposure', 'exposure-or-tracks', 'critical', ['T1530'], ['microsoft.storage/storageaccounts/blobservices/containers/write', 'setcontaineracl', 'createcontainer', 'microsoft.storage/storageaccounts/blobservices/containers/setacl/action'], 'container'),
  kin('storage-exposure', 'exposure-or-tracks', 'medium', ['T1222'], ['microsoft.storage/storageaccounts/blobservices/containers/blobs/modifypermissions/action', 'microsoft.storage/storageaccounts/blobservices/containers/blobs/manageownership/action']),
  kin('storage-exposure', 'exposure-or-tracks', 'high', ['T1530'], ['microsoft.storage/storageaccounts/write'], 'storage-account'),
  kin('storage-exposure', 'exposure-or-tracks', 'high', ['T1537', 'T1530'], ['microsoft.compute/disks/begingetaccess/action', 'microsoft.compute/snapshots/begingetaccess/action', 'microsoft.compute/restorepointcollections/restorepoints/retrievesasuris/action']),
  kin('network-exposure', 'exposure-or-tracks', 'high', ['T1562.007'], ['microsoft.network/networksecuritygroups/securityrules/write', 'microsoft.network/networksecuritygroups/write'], 'security-rule'),
  kin('network-exposure', 'exposure-or-tracks', 'high', ['T1562.007'], ['microsoft.sql/servers/firewallrules/write', 'microsoft.dbforpostgresql/*/firewallrules/write', 'microsoft.dbformysql/*/firewallrules/write', 'microsoft.network/azurefirewalls/write', 'microsoft.network/azurefirewalls/delete', 'microsoft.network/firewallpolicies/delete', 'microsoft.network/firewallpolicies/rulecollectiongroups/*', 'microsoft.network/bastionhosts/createshareablelinks/action']),
  kin('network-exposure', 'exposure-or-tracks', 'medium', ['T1562.007'], ['microsoft.network/networksecuritygroups/*', 'microsoft.network/applicationgatewaywebapplicationfirewallpolicies/delete', 'microsoft.network/frontdoorwebapplicationfirewallpolicies/delete', 'microsoft.network/ddosprotectionplans/delete']),
  kin('run-instances', 'other', 'medium', ['T1578.002', 'T1496.001'], ['microsoft.compute/virtualmachines/write', 'microsoft.compute/virtualmachinescalesets/write', 'microsoft.containerinstance/containergroups/write', 'microsoft.machinelearningservices/workspaces/computes/write', 'microsoft.batch/batchaccounts/pools/write'], 'compute-created'),
  kin('logging-disabled', 'exposure-or-tracks', 'critical', ['T1562.008'], ['microsoft.insights/diagnosticsettings/delete', '*/providers/microsoft.insights/diagnosticsettings/delete', 'microsoft.aadiam/diagnosticsettings/delete', 'microsoft.insights/logprofiles/delete', 'microsoft.operationalinsights/workspaces/purge/action', 'microsoft.operationalinsights/workspaces/delete', 'microsoft.operationalinsights/workspaces/dataexports/delete', 'microsoft.operationalinsights/workspaces/linkedservices/delete', 'microsoft.insights/datacollectionrules/delete']),
  kin('logging-disabled', 'exposure-or-tracks', 'critical', ['T1562.008'], ['microsoft.insights/diagnosticsettings/write', '*/providers/microsoft.insights/diagnosticsettings/write', 'microsoft.aadiam/diagnosticsettings/write'], 'logging-written'),
  kin('logging-disabled', 'exposure-or-tracks', 'high', ['T1562.008'], ['microsoft.eventhub/namespaces/delete', 'microsoft.eventhub/namespaces/eventhubs/delete', 'microsoft.insights/activitylogalerts/delete', 'microsoft.insights/scheduledqueryrules/delete', 'microsoft.insights/metricalerts/delete', 'microsoft.insights/actiongroups/delete', 'microsoft.securityinsights/*/delete', 'microsoft.security/*/delete', 'microsoft.security/alertssuppressionrules/write']),
  kin('logging-disabled', 'exposure-or-tracks', 'medium', ['T1562.008'], ['microsoft.network/networkwatchers/delete', 'microsoft.network/networkwatchers/flowlogs/delete', 'microsoft.consumption/budgets/delete']),
  kin('logging-disabled', 'exposure-or-tracks', 'high', ['T1562.001'], ['microsoft.security/pricings/write'], 'defender-plan'),
  kin('other-high-risk', 'other', 'high', ['T1651'], ['microsoft.compute/virtualmachines/runcommand/action', 'microsoft.compute/virtualmachines/runcommands/write', 'microsoft.hybridcompute/machines/runcommands/write', 'microsoft.serialconsole/serialports/connect/action', 'microsoft.compute/virtualmachinescalesets/virtualmachines/runcommand/action', 'microsoft.compute/virtualmachinescalesets/virtualmachines/runcommands/write', 'microsoft.containerservice/managedclusters/runcommand/action']),
  kin('other-high-risk', 'other', 'high', ['T1651'], ['microsoft.compute/virtualmachines/extensions/write', 'microsoft.compute/virtualmachinescalesets/extensions/write', 'microsoft.hybridcompute/machines/extensions/write'], 'extension'),
  kin('other-high-risk', 'other', 'high', ['T1485'], ['microsoft.storage/storageaccounts/delete', 'microsoft.keyvault/vaults/delete', 'microsoft.keyvault/vaults/purge/action', 'keydelete', 'keypurge', 'secretpurge', 'vaultdelete', 'microsoft.resources/subscriptions/resourcegroups/delete', 'microsoft.subscription/cancel/action']),
  kin('other-high-risk', 'other', 'high', ['T1490'], ['microsoft.recoveryservices/vaults/delete', 'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems/delete', 'microsoft.dataprotection/backupvaults/delete', 'microsoft.compute/restorepointcollections/delete', 'microsoft.storage/storageaccounts/blobservices/containers/immutabilitypolicies/delete']),
  kin('other-high-risk', 'other', 'high', ['T1490'], ['microsoft.storage/storageaccounts/blobservices/write', 'microsoft.storage/storageaccounts/fileservices/write'], 'blob-service'),
  kin('other-high-risk', 'other', 'medium', ['T1562'], ['microsoft.authorization/locks/delete', 'microsoft.authorization/policyassignments/delete', 'microsoft.authorization/policydefinitions/delete', 'microsoft.authorization/policyexemptions/write']),
  kin('other-high-risk', 'other', 'medium', ['T1040'], ['microsoft.network/networkwatchers/packetcaptures/write', 'microsoft.network/virtualnetworktaps/write']),
  kin('other-high-risk', 'other', 'medium', ['T1648'], ['microsoft.logic/workflows/write', 'microsoft.web/sites/functions/write', 'microsoft.automation/automationaccounts/runbooks/write', 'microsoft.automation/automationaccounts/jobs/write'], 'compute-created'),
];

/** Directory audit activities. Source: Microsoft Entra audit log activity reference. */
export const entraAuditKin: readonly AzureKin[] = [
  kin('create-user', 'new-identity', 'high', ['T1136.003'], ['add user', 'invite external user', 'add service principal', 'bulk create users - finished (bulk)', 'bulk invite users - finished (bulk)']),
  kin('create-user', 'new-identity', 'medium', ['T1136.003'], ['add application', 'add administrative unit', 'restore user']),
  kin('attach-policy', 'permission-change', 'high', ['T1098.003'], ['add member to role', 'add eligible member to role', 'add scoped member to role', 'add member to role in pim completed*', 'add eligible member to role in pim completed*', 'add eligible member (*', 'add member to role outside of pim*', 'add role assignment to role definition*'], 'directory-role'),
  kin('attach-policy', 'permission-change', 'high', ['T1098.003'], ['add app role assignment to service principal'], 'app-role'),
  kin('attach-policy', 'permission-change', 'high', ['T1098.003', 'T1528'], ['add delegated permission grant', 'consent to application'], 'consent'),
  kin('attach-policy', 'permission-change', 'high', ['T1098.003'], ['add member to role completed (pim activation)'], 'role-activated'),
  kin('attach-policy', 'permission-change', 'critical', ['T1098.003', 'T1548.005'], ['user has elevated their access to user access administrator for their azure resources']),
  kin('attach-policy', 'permission-change', 'high', ['T1556.006'], ['disable strong authentication', 'authentication methods policy update']),
  kin('attach-policy', 'permission-change', 'high', ['T1556.006', 'T1098.005'], ['update user'], 'strong-authentication'),
  kin('attach-policy', 'permission-change', 'high', ['T1098.003'], ['add owner to application', 'add owner to service principal', 'add owner to group', 'update role setting in pim', 'disable pim alert', 'update authorization policy', 'set user manager to service principal']),
  kin('attach-policy', 'permission-change', 'high', ['T1556.006', 'T1098.005'], ['admin deleted security info', 'admin registered security info', 'admin updated security info', 'user deleted security info', 'user registered all required security info', 'user registered security info', 'reset user password', 'reset password (by admin)', 'update strongauthenticationrequirement'], 'other-than-actor'),
  kin('create-access-key', 'access-key-created', 'high', ['T1098.001'], ['add service principal credentials', 'add federated identity credential', 'admin registered temporary access pass method for user', 'create temporary access pass method for user', 'add trusted certificate authority', 'update trusted certificate authority', 'add passwordless phone sign-in credential']),
  kin('create-access-key', 'access-key-created', 'high', ['T1098.001'], ['update application – certificates and secrets management', 'update application - certificates and secrets management'], 'certificates-and-secrets'),
  kin('create-access-key', 'access-key-created', 'high', ['T1098.001'], ['update application', 'update service principal'], 'credential-added'),
  kin('cross-account-role', 'permission-change', 'critical', ['T1098.003'], ['add role definition', 'update role definition']),
  kin('cross-account-role', 'permission-change', 'critical', ['T1484.002', 'T1199'], ['set federation settings on domain', 'add partner to company', 'add a partner to cross-tenant access setting', 'update the company default cross-tenant access setting', 'create cross-tenant synchronization*', 'add unverified domain', 'verify domain']),
  kin('cross-account-role', 'permission-change', 'critical', ['T1484.002'], ['set domain authentication'], 'federated-domain'),
  kin('other-high-risk', 'other', 'high', ['T1556.009', 'T1562'], ['update conditional access policy', 'update policy'], 'conditional-access'),
  kin('other-high-risk', 'other', 'high', ['T1556.009', 'T1562'], ['delete conditional access policy', 'delete policy', 'delete named location', 'update named location', 'disable desktop sso', 'set desktopssoinformation', 'disable security defaults', 'update security defaults', 'set company information', 'disable directory feature']),
];
