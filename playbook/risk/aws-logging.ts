import { kinOf } from './kin';
import type { Kin } from './types';

const tracks = kinOf('logging-disabled', 'exposure-or-tracks', 'critical');

/** Row 1.1.9: whatever blinds those who watch. */
export const loggingKin: Kin[] = [
  tracks('cloudtrail', ['T1562.008'], ['StopLogging', 'DeleteTrail', 'DeleteEventDataStore', 'StopEventDataStoreIngestion', 'DeregisterOrganizationDelegatedAdmin', 'DeleteChannel', 'StopImport']),
  tracks('cloudtrail', ['T1562.008'], ['UpdateTrail', 'UpdateEventDataStore'], { test: 'trail-changed', risk: 'high' }),
  tracks('cloudtrail', ['T1562.008'], ['PutEventSelectors'], { test: 'event-selectors' }),
  tracks('guardduty', ['T1562.001'], ['DeleteDetector', 'StopMonitoringMembers', 'DisassociateFromAdministratorAccount', 'DisassociateFromMasterAccount', 'DisassociateMembers', 'DeleteMembers', 'DisableOrganizationAdminAccount', 'DeletePublishingDestination', 'DeleteThreatIntelSet', 'DeleteFilter', 'DeleteMalwareProtectionPlan']),
  tracks('guardduty', ['T1562.001'], ['UpdateDetector', 'UpdateMemberDetectors', 'UpdateOrganizationConfiguration', 'UpdateMalwareScanSettings'], { test: 'switched-off' }),
  tracks('guardduty', ['T1562.001'], ['CreateFilter', 'UpdateFilter', 'CreateIPSet', 'UpdateIPSet', 'ArchiveFindings', 'UpdatePublishingDestination', 'CreateTrustedEntitySet', 'UpdateTrustedEntitySet'], { risk: 'high' }),
  tracks('securityhub', ['T1562.001'], ['DisableSecurityHub', 'BatchDisableStandards', 'DisableImportFindingsForProduct', 'DisassociateFromAdministratorAccount', 'DisassociateFromMasterAccount', 'DisassociateMembers', 'DeleteMembers', 'DisableOrganizationAdminAccount', 'DeleteActionTarget', 'DeleteInsight', 'UpdateInsight'], { risk: 'high' }),
  tracks('securityhub', ['T1562.001'], ['BatchUpdateFindings', 'UpdateFindings', 'UpdateStandardsControl', 'CreateAutomationRule'], { risk: 'high' }),
  tracks('config', ['T1562.001'], ['StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'DeleteDeliveryChannel', 'DeleteConfigRule', 'DeleteOrganizationConfigRule', 'DeleteConformancePack', 'DeleteConfigurationAggregator', 'DeleteRemediationConfiguration', 'DeleteEvaluationResults', 'DeleteRetentionConfiguration', 'PutRetentionConfiguration'], { risk: 'high' }),
  tracks('ec2', ['T1562.008'], ['DeleteFlowLogs']),
  tracks('route53resolver', ['T1562.008'], ['DeleteResolverQueryLogConfig', 'DisassociateResolverQueryLogConfig', 'DeleteFirewallRuleGroup', 'DisassociateFirewallRuleGroup'], { risk: 'high' }),
  tracks('route53', ['T1562.008'], ['DeleteQueryLoggingConfig'], { risk: 'high' }),
  tracks('logs', ['T1562.008', 'T1070'], ['DeleteLogGroup', 'DeleteLogStream', 'DeleteSubscriptionFilter', 'DeleteMetricFilter', 'DeleteDestination', 'DeleteDelivery', 'DeleteDataProtectionPolicy'], { risk: 'high' }),
  tracks('logs', ['T1562.008'], ['PutRetentionPolicy'], { test: 'short-lived-logs', risk: 'high' }),
  tracks('monitoring', ['T1562.001'], ['DeleteAlarms', 'DisableAlarmActions', 'DeleteAnomalyDetector', 'StopMetricStreams', 'DeleteMetricStream'], { risk: 'medium' }),
  tracks('events', ['T1562.001'], ['DeleteRule', 'DisableRule', 'RemoveTargets', 'DeleteEventBus', 'DeleteApiDestination', 'DeleteConnection', 'DeauthorizeConnection', 'RemovePermission'], { risk: 'high' }),
  // How alerts reach people and Tourniquet; whose topic it is the call does not say, so somebody looks.
  tracks('sns', ['T1562.001'], ['Unsubscribe', 'DeleteTopic'], { risk: 'medium' }),
  tracks('wafv2', ['T1562.007'], ['DeleteLoggingConfiguration', 'DisassociateWebACL', 'DeleteWebACL', 'DeleteRuleGroup', 'DeleteIPSet', 'DeleteFirewallManagerRuleGroups'], { risk: 'high' }),
  tracks('waf', ['T1562.007'], ['DeleteLoggingConfiguration', 'DeleteWebACL', 'DeleteRule', 'DeleteRuleGroup'], { risk: 'high' }),
  tracks('waf-regional', ['T1562.007'], ['DeleteLoggingConfiguration', 'DisassociateWebACL', 'DeleteWebACL', 'DeleteRule', 'DeleteRuleGroup'], { risk: 'high' }),
  tracks('network-firewall', ['T1562.007'], ['DeleteFirewall', 'DeleteFirewallPolicy', 'DeleteRuleGroup', 'UpdateLoggingConfiguration', 'DisassociateSubnets'], { risk: 'high' }),
  tracks('shield', ['T1562.001'], ['DeleteProtection', 'DisableProactiveEngagement', 'DisassociateDRTRole'], { risk: 'high' }),
  tracks('fms', ['T1562.001'], ['DeletePolicy', 'DisassociateAdminAccount', 'DeleteNotificationChannel'], { risk: 'high' }),
  tracks('macie2', ['T1562.001'], ['DisableMacie', 'DeleteMember', 'DisassociateMember', 'DisassociateFromAdministratorAccount', 'DisassociateFromMasterAccount', 'DisableOrganizationAdminAccount', 'CreateFindingsFilter', 'UpdateFindingsFilter', 'DeleteFindingsFilter', 'UpdateMacieSession', 'UpdateMemberSession', 'DeleteCustomDataIdentifier', 'UpdateClassificationJob', 'PutClassificationExportConfiguration', 'ArchiveFindings'], { risk: 'medium' }),
  tracks('macie', ['T1562.001'], ['ArchiveFindings', 'CreateFindingsFilter', 'DeleteMember', 'DisassociateFromMasterAccount', 'DisassociateMember', 'DisableMacie', 'DisableOrganizationAdminAccount', 'UpdateFindingsFilter', 'UpdateMacieSession', 'UpdateMemberSession', 'UpdateClassificationJob'], { risk: 'medium' }),
  tracks('inspector2', ['T1562.001'], ['Disable', 'DisableDelegatedAdminAccount', 'DisassociateMember', 'CreateFilter'], { risk: 'medium' }),
  tracks('detective', ['T1562.001'], ['DeleteGraph', 'DeleteMembers', 'DisassociateMembership', 'DisableOrganizationAdminAccount'], { risk: 'medium' }),
  tracks('access-analyzer', ['T1562.001'], ['DeleteAnalyzer', 'CreateArchiveRule', 'UpdateArchiveRule'], { risk: 'medium' }),
  tracks('securitylake', ['T1562.008'], ['DeleteDataLake', 'DeleteSubscriber', 'DeleteAwsLogSource', 'DeleteDataLakeOrganizationConfiguration'], { risk: 'high' }),
  tracks('s3', ['T1562.008'], ['PutBucketLogging'], { test: 'bucket-logging', risk: 'high' }),
  tracks('s3', ['T1485.001', 'T1562.008'], ['PutBucketLifecycle', 'PutBucketLifecycleConfiguration'], { test: 'bucket-lifecycle', risk: 'high' }),
  tracks('elasticloadbalancing', ['T1562.008'], ['ModifyLoadBalancerAttributes'], { test: 'switched-off', risk: 'medium' }),
  tracks('bedrock', ['T1562.008'], ['DeleteModelInvocationLoggingConfiguration', 'DeleteGuardrail'], { risk: 'high' }),
  tracks('ce', ['T1562.001'], ['DeleteAnomalyMonitor', 'DeleteAnomalySubscription'], { risk: 'medium' }),
  tracks('budgets', ['T1562.001'], ['DeleteBudget', 'DeleteNotification', 'DeleteSubscriber', 'DeleteBudgetAction'], { risk: 'medium' }),
  tracks('account', ['T1562.001'], ['PutAlternateContact', 'DeleteAlternateContact', 'StartPrimaryEmailUpdate', 'AcceptPrimaryEmailUpdate'], { risk: 'medium' }),
];
