/** The people of the sandbox’s organisation. */
export const team = 'T0SANDBOX';

export const people = [
  { id: 'ada', name: 'Ada Lindqvist', role: 'security' },
  { id: 'ben', name: 'Ben Okafor', role: 'security' },
  { id: 'mia', name: 'Mia Tanaka', role: 'manager' },
  { id: 'cleo', name: 'Cleo Marchetti', role: 'ciso' },
  { id: 'dana', name: 'Dana Whitfield', role: 'operations' },
].map((person) => ({ ...person, email: `${person.id}@example.com`, slackUser: `U0${person.id.toUpperCase()}` }));

export type DemoPerson = (typeof people)[number];
