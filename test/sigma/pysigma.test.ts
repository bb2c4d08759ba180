import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureSigma } from '../../sandbox/tools';

const rules = readdirSync('detections').filter((name) => name.endsWith('.yml')).map((name) => join('detections', name));
let sigma: string;
beforeAll(async () => {
  sigma = await ensureSigma(() => undefined);
}, 600_000);
const run = (args: string[]): string => execFileSync(sigma, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 });

test('pySigma finds nothing to say about the rules', () => {
  expect(run(['check', '--fail-on-error', '--fail-on-issues', '--validation-config', 'detections/convert/validation.yaml', ...rules])).toContain('No validation issues found');
}, 150_000);

/** One query a rule; the values that people's tables need, and none of the names that the target does not know. */
test.each([
  { target: 'splunk', query: /^sourcetype=/gm, pipeline: 'splunk', has: ['sourcetype="aws:cloudtrail" eventSource="signin.amazonaws.com" eventName="ConsoleLogin" userIdentity.type="Root"', 'EventCode IN (4728, 4732, 4756)'], without: [/Statement\.Principal/] },
  { target: 'lucene', query: /^.{20,}$/gm, pipeline: 'elastic', has: ['event.provider:signin.amazonaws.com AND event.action:ConsoleLogin AND aws.cloudtrail.user_identity.type:Root', 'event.code:(4728 OR 4732 OR 4756)'], without: [/(?<![.\w])(eventName|requestParameters|operationName|TargetSid)/] },
  { target: 'kusto', query: /^\| where$/gm, pipeline: 'sentinel', has: ['EventSource =~ "signin.amazonaws.com" and EventName =~ "ConsoleLogin" and UserIdentityType =~ "Root"', 'SecurityEvent\n', 'SigninLogs\n', 'AuditLogs\n', 'AzureActivity\n'], without: [/'{1,2}[a-zA-Z]+\.[a-zA-Z.]+'{1,2}/] },
])('they convert for $pipeline', ({ target, query, pipeline, has, without }) => {
  const all = run(['convert', '-t', target, '--without-pipeline', '-p', 'detections/convert/lists.yaml', '-p', `detections/convert/${pipeline}.yaml`, ...rules]);
  expect(all.match(query)).toHaveLength(rules.length);
  for (const text of has) expect(all).toContain(text);
  for (const pattern of without) expect(all).not.toMatch(pattern);
}, 300_000);
