import { dirname, join } from 'node:path';
import { fileTickets, serviceNowTickets, type ServiceNowAuth, type TicketSystem } from '../activities/tickets';
import type { Config } from './config/schema';
import { readSecret } from './config/secret';

export function ticketSystem(config: Config): TicketSystem | null {
  const { tickets } = config;
  if (tickets.kind === 'none') return null;
  if (tickets.kind === 'file') return fileTickets(tickets.path, join(dirname(tickets.path), 'tasks'));
  const { token, password, user } = tickets;
  const auth: ServiceNowAuth = token
    ? { kind: 'bearer', token: () => readSecret(token) }
    : { kind: 'basic', user: user ?? '', password: () => (password ? readSecret(password) : '') };
  return serviceNowTickets({ url: tickets.url, auth, fields: tickets.fields, people: config.people });
}
