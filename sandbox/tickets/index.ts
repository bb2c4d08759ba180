export { startTicketSimulator, type TicketFaults, type TicketSimulator } from './servicenow';
