/** Template ids of built-in directory roles, the same in every tenant. Source: Microsoft Entra built-in roles. */
export const roleTemplates = {
  'Global Administrator': '62e90394-69f5-4237-9190-012177145e10',
  'Global Reader': 'f2ef992c-3afb-46b9-b7cf-a126ee74c451',
  'Privileged Role Administrator': 'e8611ab8-c189-46e8-94e1-60213ab1f814',
  'Privileged Authentication Administrator': '7be44c8a-adaf-4e2a-84d6-ab2649e08a13',
  'Authentication Administrator': 'c4e39bd9-1100-46d3-8c65-fb160da0071f',
  'User Administrator': 'fe930be7-5e62-47db-91af-98c3a49a38b1',
  'Application Administrator': '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
  'Cloud Application Administrator': '158c047a-c907-4556-b7ef-446551a6b5f7',
  'Conditional Access Administrator': 'b1be1c3e-b65d-4f19-8427-f6fa0d97feb9',
  'Security Administrator': '194ae4cb-b126-40b2-bd5b-6091b380977d',
  'Security Reader': '5d6b6bb7-de71-4623-b4af-96380a352509',
  'Hybrid Identity Administrator': '8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2',
  'Exchange Administrator': '29232cdf-9323-42fd-ade2-1d097af3e4de',
  'Directory Readers': '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
  'Directory Writers': '9360feb5-f418-4baa-8175-e2a00bac4301',
  'Guest Inviter': '95e79109-95c0-4d8e-aee3-d01accf2d47b',
  'Reports Reader': '4a5d8f65-41da-4de4-8968-e035b65339cf',
  'Helpdesk Administrator': '729827e3-9c14-49f7-bb1b-9608f156bbb8',
} as const;

export type RoleName = keyof typeof roleTemplates;
export const roleNames: Record<string, RoleName> = Object.fromEntries(Object.entries(roleTemplates).map(([name, id]) => [id, name as RoleName]));
