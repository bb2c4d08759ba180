export { CHALLENGE_LIFE_MS, challengeOf, type Challenged } from './challenge';
export { Claims, type ClaimPort, type ClaimView } from './claims';
export { PasskeyDesk, type Question } from './desk';
export { Enrolment } from './enrolment';
export { PasskeyRefused, type Passkey, type PasskeyDeps, type RegisterStore, type RelyingParty } from './ports';
export { fingerprintOf, Register } from './register';
export { RegisterTampered } from './sealed';
export { verifyAssertion } from './verify';
