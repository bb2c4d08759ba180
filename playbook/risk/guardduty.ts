import type { HighRiskEvent } from '../model/verdict';

/** GuardDuty’s threat purposes to ATT&CK, for a type that is not listed below. Source: GuardDuty user guide, finding format. */
const PURPOSES: Record<string, string[]> = {
  attacksequence: ['T1078.004'], backdoor: ['T1071'], behavior: ['T1078.004'], credentialaccess: ['T1552'], cryptocurrency: ['T1496.001'], defenseevasion: ['T1562'], discovery: ['T1580'], effects: ['T1485'], execution: ['T1059'], exfiltration: ['T1537'], impact: ['T1485'],
  initialaccess: ['T1078.004'], object: ['T1204'], pentest: ['T1078.004'], persistence: ['T1098'], policy: ['T1562'], privilegeescalation: ['T1098.003'], recon: ['T1580'], resourceconsumption: ['T1496'], stealth: ['T1562.008'], trojan: ['T1204'], unauthorizedaccess: ['T1078.004'],
};

/** `Purpose:Resource/Family` (without `.Variant` and `!Artifact`) or `any/Family` for any resource → ATT&CK. Source: GuardDuty user guide, active finding types. */
const FAMILIES: Record<string, string[]> = {
  // IAM
  'CredentialAccess:IAMUser/AnomalousBehavior': ['T1552', 'T1555.006'], 'DefenseEvasion:IAMUser/AnomalousBehavior': ['T1562.008'], 'DefenseEvasion:IAMUser/BedrockLoggingDisabled': ['T1562.008'], 'Discovery:IAMUser/AnomalousBehavior': ['T1580', 'T1087.004'], 'Exfiltration:IAMUser/AnomalousBehavior': ['T1537'],
  'Impact:IAMUser/AnomalousBehavior': ['T1485', 'T1531'], 'InitialAccess:IAMUser/AnomalousBehavior': ['T1078.004'], 'Persistence:IAMUser/AnomalousBehavior': ['T1098.001', 'T1136.003'], 'PrivilegeEscalation:IAMUser/AnomalousBehavior': ['T1098.003'], 'Policy:IAMUser/RootCredentialUsage': ['T1078.004'],
  'Policy:IAMUser/ShortTermRootCredentialUsage': ['T1078.004'], 'Recon:IAMUser/MaliciousIPCaller': ['T1580'], 'Recon:IAMUser/TorIPCaller': ['T1580', 'T1090.003'], 'Stealth:IAMUser/CloudTrailLoggingDisabled': ['T1562.008'], 'Stealth:IAMUser/LoggingConfigurationModified': ['T1562.008'],
  'Stealth:IAMUser/PasswordPolicyChange': ['T1556.009'], 'UnauthorizedAccess:IAMUser/ConsoleLoginSuccess': ['T1078.004'], 'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration': ['T1552.005', 'T1078.004'], 'UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration': ['T1552.005', 'T1078.004'],
  'UnauthorizedAccess:IAMUser/MaliciousIPCaller': ['T1078.004'], 'UnauthorizedAccess:IAMUser/TorIPCaller': ['T1078.004', 'T1090.003'],
  // S3
  'Discovery:S3/AnomalousBehavior': ['T1619'], 'Discovery:S3/MaliciousIPCaller': ['T1619'], 'Discovery:S3/TorIPCaller': ['T1619', 'T1090.003'], 'Exfiltration:S3/AnomalousBehavior': ['T1530', 'T1537'], 'Exfiltration:S3/MaliciousIPCaller': ['T1530', 'T1537'], 'Impact:S3/AnomalousBehavior': ['T1485', 'T1486'],
  'Impact:S3/MaliciousIPCaller': ['T1485', 'T1565.001'], 'Policy:S3/AccountBlockPublicAccessDisabled': ['T1562.007', 'T1530'], 'Policy:S3/BucketBlockPublicAccessDisabled': ['T1562.007', 'T1530'], 'Policy:S3/BucketAnonymousAccessGranted': ['T1530'], 'Policy:S3/BucketPublicAccessGranted': ['T1530'],
  'Stealth:S3/ServerAccessLoggingDisabled': ['T1562.008'], 'UnauthorizedAccess:S3/MaliciousIPCaller': ['T1530'], 'UnauthorizedAccess:S3/TorIPCaller': ['T1530', 'T1090.003'], 'Object:S3/MaliciousFile': ['T1204.003'],
  // EC2, Lambda, runtime: any resource
  'any/C&CActivity': ['T1071'], 'any/DenialOfService': ['T1498'], 'any/Spambot': ['T1496.004'], 'any/NetworkPortUnusual': ['T1571'], 'any/TrafficVolumeUnusual': ['T1048'], 'any/BitcoinTool': ['T1496.001'], 'any/BitcoinDomainRequest': ['T1496.001'], 'any/CryptoMinerExecuted': ['T1496.001'], 'any/UnusualDNSResolver': ['T1071.004'],
  'any/UnusualDoHActivity': ['T1071.004', 'T1572'], 'any/UnusualDoTActivity': ['T1071.004', 'T1572'], 'any/AbusedDomainRequest': ['T1071.001'], 'any/MaliciousDomainRequest': ['T1071.001'], 'any/SuspiciousDomainRequest': ['T1071.001'], 'any/PortSweep': ['T1046'], 'any/Portscan': ['T1046'], 'any/WinRMBruteForce': ['T1110', 'T1021.006'],
  'any/PortProbeUnprotectedPort': ['T1595.001'], 'any/PortProbeEMRUnprotectedPort': ['T1595.001'], 'any/BlackholeTraffic': ['T1071'], 'any/DropPoint': ['T1074'], 'any/DGADomainRequest': ['T1568.002'], 'any/DNSDataExfiltration': ['T1048'], 'any/DriveBySourceTraffic': ['T1189'], 'any/PhishingDomainRequest': ['T1566'], 'any/MetadataDNSRebind': ['T1552.005'],
  'any/RDPBruteForce': ['T1110', 'T1021.001'], 'any/SSHBruteForce': ['T1110', 'T1021.004'], 'any/TorClient': ['T1090.003'], 'any/MaliciousIPCaller': ['T1071'], 'any/TorIPCaller': ['T1090.003'], 'any/TorRelay': ['T1090.003'], 'any/MaliciousFile': ['T1204.002'], 'any/MaliciousFileExecuted': ['T1204.002'], 'any/NewBinaryExecuted': ['T1105', 'T1059'], 'any/NewLibraryLoaded': ['T1574.006'], 'any/ReverseShell': ['T1059.004'],
  'any/SuspiciousTool': ['T1588.002'], 'any/SuspiciousCommand': ['T1059'], 'any/SuspiciousShellCreated': ['T1059.004'], 'any/RevshellExecuted': ['T1059.004'], 'any/DockerSocketAccessed': ['T1610', 'T1611'], 'any/RuncContainerEscape': ['T1611'], 'any/CGroupsReleaseAgentModified': ['T1611'], 'any/ContainerMountsHostDirectory': ['T1611'],
  'any/UserfaultfdUsage': ['T1068'], 'any/ElevationToRoot': ['T1548.001'], 'any/FilelessExecution': ['T1620'], 'any/ProcessInjection': ['T1055'], 'any/PtraceAntiDebugging': ['T1622'], 'any/KernelModuleLoaded': ['T1547.006'],
  // containers, databases
  'any/ExecInKubeSystemPod': ['T1609'], 'any/SuccessfulAnonymousAccess': ['T1078.001'], 'any/ContainerWithSensitiveMount': ['T1611'], 'any/PrivilegedContainer': ['T1611'], 'any/AdminAccessToDefaultServiceAccount': ['T1098.006'], 'any/AnonymousAccessGranted': ['T1098.006'], 'any/ExposedDashboard': ['T1133'], 'any/KubeflowDashboardExposed': ['T1133'],
  'CredentialAccess:RDS/AnomalousBehavior': ['T1110', 'T1078'], 'CredentialAccess:RDS/MaliciousIPCaller': ['T1110'], 'CredentialAccess:RDS/TorIPCaller': ['T1110', 'T1090.003'], 'Discovery:RDS/MaliciousIPCaller': ['T1046'], 'Discovery:RDS/TorIPCaller': ['T1046', 'T1090.003'],
  // sequences
  'AttackSequence:IAM/CompromisedCredentials': ['T1078.004'], 'AttackSequence:S3/CompromisedData': ['T1530', 'T1485'], 'AttackSequence:EKS/CompromisedCluster': ['T1610', 'T1552.007'], 'AttackSequence:ECS/CompromisedCluster': ['T1610', 'T1552.005'], 'AttackSequence:EC2/CompromisedInstanceGroup': ['T1552.005', 'T1059'],
};

/** Findings that are rows of table 1.1, whatever number GuardDuty gives them. */
const ROWS: Record<string, HighRiskEvent> = {
  'Policy:IAMUser/RootCredentialUsage': 'root-login', 'Policy:IAMUser/ShortTermRootCredentialUsage': 'root-login',
  'Stealth:IAMUser/CloudTrailLoggingDisabled': 'logging-disabled', 'Stealth:IAMUser/LoggingConfigurationModified': 'logging-disabled', 'Stealth:S3/ServerAccessLoggingDisabled': 'logging-disabled', 'DefenseEvasion:IAMUser/BedrockLoggingDisabled': 'logging-disabled',
  'Policy:S3/AccountBlockPublicAccessDisabled': 'storage-exposure', 'Policy:S3/BucketBlockPublicAccessDisabled': 'storage-exposure', 'Policy:S3/BucketAnonymousAccessGranted': 'storage-exposure', 'Policy:S3/BucketPublicAccessGranted': 'storage-exposure',
};

export interface FindingType {
  /** Is the type, or its family on another resource, in GuardDuty’s list as it was read? */
  known: boolean;
  purpose: string;
  resource: string;
  family: string;
  techniques: readonly string[];
  row: HighRiskEvent | null;
}

/** Lower case once: Security Hub and lakes write types in their own case. */
const lower = <T>(table: Record<string, T>): ReadonlyMap<string, T> => new Map(Object.entries(table).map(([key, value]) => [key.toLowerCase(), value]));
const [families, rows] = [lower(FAMILIES), lower(ROWS)];

/** `UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS` by its parts: Purpose:Resource/Family.Variant!Artifact. Null when it has no such form. */
export function findingTypeOf(type: string): FindingType | null {
  const parts = /^([A-Za-z]{1,40}):([A-Za-z0-9]{1,40})\/([A-Za-z0-9&]{1,80})/.exec(type);
  if (!parts) return null;
  const [, purpose, resource, family] = parts as unknown as [string, string, string, string];
  const key = `${purpose}:${resource}/${family}`.toLowerCase();
  const techniques = families.get(key) ?? families.get(`any/${family}`.toLowerCase());
  return { known: techniques !== undefined || /^pentest$/i.test(purpose), purpose, resource, family, techniques: techniques ?? PURPOSES[purpose.toLowerCase()] ?? ['T1078.004'], row: rows.get(key) ?? rowByParts(purpose.toLowerCase(), resource.toLowerCase(), family.toLowerCase()) };
}

/** A type made tomorrow is still a row when its parts say so. */
function rowByParts(purpose: string, resource: string, family: string): HighRiskEvent | null {
  if (family.includes('rootcredential')) return 'root-login';
  if ((purpose === 'stealth' || purpose === 'defenseevasion') && /logging|trail/.test(family) && /disabled|modified|deleted|stopped/.test(family)) return 'logging-disabled';
  if (purpose === 'policy' && resource === 's3' && /(anonymous|public)access(granted|enabled)|publicaccessdisabled/.test(family)) return 'storage-exposure';
  return null;
}
