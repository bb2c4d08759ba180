export { buildReport, eventText, type ReportInput } from './build';
export { duration } from './duration';
export { renderHtml } from './html';
export { CASE_FILE, closedCaseIn, loadReport } from './load';
export { renderMarkdown } from './markdown';
export { renderOcsf } from './ocsf';
export type { Report, ReportAction, ReportApproval } from './model';
