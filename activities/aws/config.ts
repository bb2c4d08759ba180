/** What the AWS side needs from the configuration; the composition root fills it. */
export interface AwsAccountConfig {
  /** 12 digits. */
  id: string;
  name: string;
  /** The responder role in that account. */
  roleArn: string;
  externalId: string | null;
  /** Regions that are looked at; global services use the partition's own. */
  regions: string[];
  /** May budgets and support cases be made here. */
  management: boolean;
}

export interface AwsConfig {
  accounts: AwsAccountConfig[];
  /** Null = AWS itself; set for the sandbox or a VPC endpoint. */
  endpoint: string | null;
  /** `us-east-1` in the commercial partition: where IAM, STS-global, Organizations, Cost Explorer and Support live. */
  globalRegion: string;
  /** ARNs, names or key ids that no action may touch: break-glass, Tourniquet's own. */
  protected: string[];
  /** Addresses and CIDRs that are ours or in a register of known use: never blocked. */
  knownAddresses?: readonly string[];
  /** Names of the things Tourniquet makes in the account. */
  names: { denyPolicy: string; revokePolicy: string; quarantineGroup: string; ipSet: string; mfaPolicy: string };
  billing: { monthlyBudgetUsd: number; email: string };
  /** S3 bucket that trails should write to, when one must be made anew; null = leave the destination. */
  trailBucket: string | null;
}

export const defaultNames: AwsConfig['names'] = {
  denyPolicy: 'TourniquetDenyAll',
  revokePolicy: 'TourniquetRevokeOlderSessions',
  quarantineGroup: 'tourniquet-quarantine',
  ipSet: 'tourniquet-blocked-addresses',
  mfaPolicy: 'TourniquetRequireMfa',
};
