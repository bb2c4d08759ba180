/** A GuardDuty finding of high severity in its EventBridge envelope, as the service writes it (GuardDuty User Guide, finding format and IAM finding types), for one user's key. */
export function findingFor(account: string, user: string, serial: number, accessKeyId = 'AKIAQ3EGRYKZ7EXAMPLE', sourceIp = '203.0.113.77'): string {
  const id = `${serial.toString(16).padStart(8, '0')}${Buffer.from(user).toString('hex').padEnd(24, '0').slice(-24)}`;
  const at = new Date().toISOString();
  return JSON.stringify({
    version: '0', id: `00000000-0000-4000-8000-${String(serial).padStart(12, '0')}`, 'detail-type': 'GuardDuty Finding', source: 'aws.guardduty', account, time: at, region: 'us-east-1', resources: [],
    detail: {
      schemaVersion: '2.0', accountId: account, region: 'us-east-1', partition: 'aws', id, arn: `arn:aws:guardduty:us-east-1:${account}:detector/4eb4b1d2c3a0f9e8d7c6b5a4938271f0/finding/${id}`,
      type: 'Impact:IAMUser/AnomalousBehavior',
      resource: { resourceType: 'AccessKey', accessKeyDetails: { accessKeyId, principalId: 'AIDAQ3EGRYKZ7EXAMPLE1', userType: 'IAMUser', userName: user } },
      service: {
        serviceName: 'guardduty', detectorId: '4eb4b1d2c3a0f9e8d7c6b5a4938271f0', resourceRole: 'TARGET', archived: false, count: 1 + serial, eventFirstSeen: at, eventLastSeen: at,
        action: {
          actionType: 'AWS_API_CALL',
          awsApiCallAction: {
            api: 'ListUsers', serviceName: 'iam.amazonaws.com', callerType: 'Remote IP', userAgent: 'aws-cli/2.15.30', affectedResources: {},
            remoteIpDetails: { ipAddressV4: sourceIp, country: { countryName: 'Examplestan' }, city: { cityName: 'Example' }, organization: { asn: '64500', asnOrg: 'Example Net', isp: 'Example Net', org: 'Example Net' } },
          },
        },
        additionalInfo: { value: '{}', type: 'default' },
      },
      severity: 8, createdAt: at, updatedAt: at, title: 'APIs commonly used in Impact tactics were invoked in an anomalous way.', description: `APIs commonly used in Impact tactics were invoked by user ${user} under anomalous circumstances.`,
    },
  });
}
