import type { Keys } from '../control';

export interface Member { account: string; name: string }

export interface Actor {
  name: string;
  arn: string;
  account: string;
  keys: Keys;
}

/** The sandbox's organisation as it was before any attack. */
export interface AwsWorld {
  organizationId: string;
  rootId: string;
  management: Member;
  production: Member;
  /** Regions in use. The first is the home region. */
  regions: string[];
  responder: {
    /** A user of the management account that may assume the responder role in every account, and nothing else. */
    base: Keys;
    baseArn: string;
    roleName: string;
    /** By account id. */
    roleArns: Record<string, string>;
    externalId: string;
  };
  /** Emergency user of the production account; its key belongs in the vault. */
  breakGlass: Actor;
  /** A legitimate administrator. */
  ada: Actor;
  /** The victim: an administrator whose key is stolen. */
  dana: Actor;
  /** Another user with one key and few permissions. */
  deployer: Actor;
  identityCenter: { instanceArn: string; identityStoreId: string; permissionSetArn: string; permissionSet: string; userId: string; userName: string; account: string };
  names: {
    websiteBucket: string; ordersBucket: string; logBucket: string; trail: string; webGroup: string; webInstance: string; ordersFunction: string; appRole: string; syncRole: string; auditorRole: string;
    /** A customer-managed policy that users hold. */
    sharedPolicyArn: string;
    sharedPolicyUser: string;
  };
}
