import { kinOf } from './kin';
import type { Kin } from './types';

const other = kinOf('other-high-risk', 'other', 'medium');

/** Beyond the table, named by its trigger line and by 1.3: what published rules rate medium or above. */
export const otherKin: Kin[] = [
  // functions (1.3: backdoor, exfiltration)
  other('lambda', ['T1648', 'T1546'], ['CreateFunction', 'UpdateFunctionCode', 'UpdateFunctionConfiguration'], { test: 'function-changed' }),
  other('sagemaker', ['T1059'], ['UpdateNotebookInstanceLifecycleConfig', 'CreateNotebookInstanceLifecycleConfig', 'CreatePresignedNotebookInstanceUrl', 'CreatePresignedDomainUrl']),
  // hosts
  other('ec2', ['T1578', 'T1059'], ['ModifyInstanceAttribute', 'ModifyInstanceMetadataOptions'], { test: 'instance-changed', risk: 'high' }),
  other('ec2', ['T1098.003', 'T1548.005'], ['AssociateIamInstanceProfile', 'ReplaceIamInstanceProfileAssociation']),
  other('ec2', ['T1021', 'T1098.004'], ['EnableSerialConsoleAccess']),
  other('ec2-instance-connect', ['T1098.004', 'T1021.004'], ['SendSerialConsoleSSHPublicKey']),
  other('ssm', ['T1651'], ['SendCommand', 'CreateAssociation', 'StartAutomationExecution'], { test: 'run-command' }),
  // interception
  other('ec2', ['T1040', 'T1020.001'], ['CreateTrafficMirrorFilter', 'CreateTrafficMirrorFilterRule', 'CreateTrafficMirrorSession', 'CreateTrafficMirrorTarget', 'DeleteTrafficMirrorFilter', 'DeleteTrafficMirrorFilterRule', 'DeleteTrafficMirrorSession', 'DeleteTrafficMirrorTarget', 'ModifyTrafficMirrorFilterNetworkServices', 'ModifyTrafficMirrorFilterRule', 'ModifyTrafficMirrorSession'], { failureMatters: true }),
  other('route53domains', ['T1584.001'], ['TransferDomain', 'TransferDomainToAnotherAwsAccount', 'DisableDomainTransferLock', 'UpdateDomainNameservers'], { risk: 'high' }),
  // data: taken, held to ransom, destroyed
  other('ec2', ['T1562', 'T1486'], ['DisableEbsEncryptionByDefault', 'ModifyEbsDefaultKmsKeyId']),
  other('ec2', ['T1537', 'T1005'], ['CreateInstanceExportTask', 'ExportImage', 'CreateStoreImageTask']),
  other('s3', ['T1562'], ['DeleteBucketEncryption']),
  other('s3', ['T1490'], ['PutBucketVersioning'], { test: 'bucket-versioning' }),
  other('s3', ['T1486'], ['CopyObject', 'PutObject', 'CreateMultipartUpload', 'PutBucketEncryption'], { test: 'foreign-key-encryption', risk: 'high' }),
  other('rds', ['T1485', 'T1562'], ['ModifyDBInstance', 'ModifyDBCluster', 'CreateDBInstance', 'RestoreDBInstanceFromDBSnapshot', 'RestoreDBInstanceToPointInTime', 'RestoreDBInstanceFromS3', 'DeleteDBInstance', 'DeleteDBCluster'], { test: 'database-changed', risk: 'high' }),
  other('rds', ['T1490'], ['DeleteDBSnapshot', 'DeleteDBClusterSnapshot', 'DeleteDBInstanceAutomatedBackup', 'DeleteDBClusterAutomatedBackup'], { risk: 'high' }),
  other('rds', ['T1537', 'T1530'], ['StartExportTask'], { risk: 'high' }),
  other('dynamodb', ['T1537', 'T1530'], ['ExportTableToPointInTime']),
  other('dynamodb', ['T1490'], ['DeleteBackup'], { risk: 'high' }),
  other('backup', ['T1490'], ['DeleteBackupVault', 'DeleteRecoveryPoint', 'DeleteBackupPlan', 'DeleteBackupVaultLockConfiguration', 'DisassociateRecoveryPoint'], { risk: 'high' }),
  other('kms', ['T1485', 'T1486'], ['ScheduleKeyDeletion', 'DisableKey', 'DeleteImportedKeyMaterial', 'DeleteCustomKeyStore'], { risk: 'high' }),
  other('kms', ['T1486'], ['ImportKeyMaterial']),
  // secrets
  other('secretsmanager', ['T1555.006'], ['BatchGetSecretValue', 'GetSecretValue'], { test: 'many-secrets' }),
  other('secretsmanager', ['T1485'], ['DeleteSecret'], { test: 'many-secrets' }),
  other('ssm', ['T1555.006'], ['GetParameters'], { test: 'many-secrets' }),
  other('ec2', ['T1552.005', 'T1580'], ['DescribeInstanceAttribute'], { test: 'start-script-read' }),
  // resource hijacking
  other('bedrock', ['T1496.004'], ['PutUseCaseForModelAccess', 'PutFoundationModelEntitlement', 'CreateFoundationModelAgreement']),
  other('ses', ['T1496.004', 'T1566'], ['PutAccountDetails', 'UpdateAccountSendingEnabled', 'PutAccountSendingAttributes']),
  other('sns', ['T1496.003'], ['CreateSMSSandboxPhoneNumber', 'SetSMSAttributes']),
  other('cloudformation', ['T1072'], ['CreateStackInstances', 'ActivateOrganizationsAccess'], { risk: 'medium' }),
];
