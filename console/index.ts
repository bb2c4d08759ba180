export { createConsole } from './app';
export { tokenAuth } from './auth';
export type { ApprovalCard, Auth, CodecPort, ConsoleLog, ConsoleOptions, EvidencePort, IncidentRow, IncidentsPort, IncidentView, OidcPort, PasskeyPort, PasskeyQuestion, PayloadJson, QuestionCard, VerifiedEvidence } from './ports';
