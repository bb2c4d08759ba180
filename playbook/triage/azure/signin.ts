import type { Alert } from '../../model/alert';
import type { Classification } from '../../model/verdict';
import { riskRowOf } from '../../risk-table';
import { alerting, ignored } from '../classification';
import { fact, fires, quiet, type Outcome } from '../reading';

// Microsoft’s own application ids (Microsoft Learn, first-party applications in sign-in reports).
const AUTHENTICATION_BROKER = '29d9ed98-a469-4536-ade2-f981bc1d605e';
const VISUAL_STUDIO_CODE = 'aebc6443-996d-45c2-90f0-388ff96faa56';
const LEGACY = /^(imap4?|pop3?|smtp|authenticated smtp|mapi over http|exchange activesync|exchange web services|autodiscover|outlook anywhere.*|other clients.*|offline address book)$/i;
const SCRIPTED = /^(python-requests|python-urllib|aiohttp|curl|wget|go-http-client|axios|node-fetch|okhttp|httpie|aadinternals|roadtools)/i;
/** 50053: locked, or from an address with malicious activity. 500121: the second factor failed after the password was right. Source: Entra authentication error codes. */
const TELLING_ERRORS: Record<string, string> = { '50053': 'the account is locked, or the address is known for attacks', '500121': 'the password was right and the second factor was not' };

function signIn(alert: Alert): Outcome {
  const risk = `${fact(alert, 'riskLevel')} ${fact(alert, 'riskState')}`;
  if (/high|confirmedCompromised/i.test(risk)) return fires('risky-signin', 'Microsoft rates the sign-in as high risk', { risk: 'high' });
  if (/medium|atRisk/i.test(risk)) return fires('risky-signin', 'Microsoft rates the sign-in as risky');
  if (alert.outcome === 'failure') {
    const error = TELLING_ERRORS[fact(alert, 'errorCode')];
    return error ? fires('telling-failure', error) : quiet('login-failed', 'a sign-in failed; nobody got in');
  }
  const protocol = fact(alert, 'protocol').toLowerCase();
  const app = fact(alert, 'appId').toLowerCase();
  const toGraph = /microsoft graph/i.test(fact(alert, 'resource'));
  if (protocol === 'devicecode' && app === AUTHENTICATION_BROKER) return fires('device-code-broker', 'a device code was signed in to the authentication broker: the way to register a device for a phished user', { risk: 'high' });
  if (protocol === 'ropc' && fact(alert, 'requirement') !== 'multiFactorAuthentication') return fires('password-grant', 'a program sent the password itself, without a second factor');
  if (LEGACY.test(fact(alert, 'clientApp'))) return fires('legacy-protocol', 'the protocol knows no second factor');
  if (app === VISUAL_STUDIO_CODE && toGraph) return fires('borrowed-client', 'a development tool’s client asked for directory data: a sign-in link that was phished', { risk: 'high' });
  if (alert.facts['interactive'] === true && SCRIPTED.test(alert.userAgent ?? '')) return fires('scripted-interactive', 'a sign-in that needs a person was made by a script: a replayed session');
  return quiet('login', 'nothing about the sign-in stands out');
}

/** Row 1.1.1: an emergency account holds Global Administrator and is for the day when nothing else works. Its use under a lease is known before this is acted on. */
function emergencySignIn(alert: Alert): Outcome {
  return alert.outcome === 'failure' ? fires('emergency-signin-failed', 'somebody tried to sign in as an emergency account and failed', { risk: 'high' }) : fires('emergency-signin', 'an emergency account signed in, and no lease is out');
}

/** One Entra sign-in record. `facts.emergencyAccount` is the receiver's own word, from the configuration. */
export function classifyEntraSignIn(alert: Alert): Classification {
  if (alert.facts['emergencyAccount'] === true) return alerting(riskRowOf('root-login'), emergencySignIn(alert));
  const outcome = signIn(alert);
  return outcome.fires ? alerting(riskRowOf('suspicious-signin'), outcome) : ignored('suspicious-signin', 'info', outcome);
}
