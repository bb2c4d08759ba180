export { fileTickets } from './file';
export { defaultFields, serviceNowTickets, type ServiceNowFields, type ServiceNowOptions } from './servicenow';
export type { ServiceNowAuth } from './servicenow-client';
export type { ChangeQuery, TaskRequest, TicketSystem } from './system';
