/** Microsoft Graph's own application, the same in every tenant. */
const GRAPH_APP = '00000003-0000-0000-c000-000000000000';

export interface GraphPermissions {
  resourceAppId: string;
  /** Application permissions (app roles) by name, sorted. */
  permissions: string[];
}

/** A custom role definition as `az role definition create --role-definition` takes it. */
export interface ArmRole {
  Name: string;
  IsCustom: true;
  Description: string;
  Actions: string[];
  NotActions: string[];
  DataActions: string[];
  NotDataActions: string[];
  AssignableScopes: string[];
}

type Users = readonly { permissions: readonly string[] }[];

/** ARM operations have a path (`Microsoft.Compute/virtualMachines/read`), Graph permissions a dotted name (`User.Read.All`). */
const isArm = (permission: string): boolean => permission.includes('/');

/** Operations on data, not on resources: they belong under `DataActions` (Azure RBAC: “Control and data actions”). */
export const isData = (permission: string): boolean => /\/(blobs|messages|fileshares\/files|entities|secrets)\/[^/]+$/.test(permission);

const all = (users: Users): string[] => [...new Set(users.flatMap((one) => one.permissions))].sort();

/** The application permissions that exactly these actions, checks and proposals need, for admin consent. */
export function graphPermissionsOf(users: Users): GraphPermissions {
  return { resourceAppId: GRAPH_APP, permissions: all(users).filter((one) => !isArm(one)) };
}

/** The custom role that lets exactly these actions, checks and proposals work in the given subscriptions. */
export function armRoleOf(users: Users, subscriptions: readonly string[] = []): ArmRole {
  // Entra’s diagnostic settings are under the tenant’s root: a role of subscriptions cannot name them (docs/production.md).
  const arm = all(users).filter((one) => isArm(one) && !one.startsWith('microsoft.aadiam/'));
  return {
    Name: 'Tourniquet Responder', IsCustom: true, Description: 'What Tourniquet’s actions and checks declare, and nothing else',
    Actions: arm.filter((one) => !isData(one)), NotActions: [], DataActions: arm.filter(isData), NotDataActions: [],
    AssignableScopes: subscriptions.length > 0 ? subscriptions.map((id) => `/subscriptions/${id}`) : ['/subscriptions/00000000-0000-0000-0000-000000000000'],
  };
}
