import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { App, HTTPReceiver, LogLevel, SocketModeReceiver, webApi, type Logger, type Receiver } from '@slack/bolt';
import type { ApprovalPort } from '../ports';
import { createGate, memoryNonces, NotAuthentic, stampOf, type Nonces } from './gate';
import { register, type HandlerDeps, type SlackLog } from './handlers';
import { registerJit, type JitSlack } from './jit';
import { createIdentify, type PeopleDirectory } from './who';

export interface SlackAppOptions extends ApprovalPort {
  signingSecret: string;
  botToken: string;
  /** Ends in `/api/`; Slack's own when left out. */
  slackApiUrl?: string;
  directory: PeopleDirectory;
  log: SlackLog;
  /** 0: the system chooses. */
  port: number;
  /** Loopback when left out; production listens behind its TLS ingress. */
  host?: string;
  /** With an app-level token (`xapp-…`) Slack is reached by an outgoing socket, and nothing listens. */
  socketMode?: { appToken: string } | null;
  consoleUrl?: string | null;
  /** The form for just-in-time access; null leaves the command unanswered. */
  jit?: JitSlack | null;
  nonces?: Nonces;
  now?: () => number;
  /** Milliseconds for one click, below Slack's 3000; 2500 when left out. */
  budgetMs?: number;
}

export interface SlackApp {
  /** Listens; the address for Slack's "Interactivity request URL", or null in Socket Mode. */
  start(): Promise<{ url: string | null }>;
  stop(): Promise<void>;
}

/**
 * The Slack edge: signed clicks in, votes to the approval workflow out, recorded before they are acknowledged.
 * Signature verification has no switch. It asks Slack nothing to accept a click, so a Slack whose API is away
 * ends in an error that the approver sees, not in Bolt's silent 404.
 */
export function createSlackApp(options: SlackAppOptions): SlackApp {
  const { directory, log, consoleUrl = null, now = Date.now, budgetMs = 2_500 } = options;
  if (!options.socketMode && options.signingSecret.length < 16) throw new Error('slack.signingSecret: must be the app’s signing secret (16 characters at least)');
  const logger = quietly(log);
  const receiver = options.socketMode ? socketReceiver(options, options.socketMode.appToken, logger) : httpReceiver(options, logger);
  // One short try for each call: the person is waiting, and a click counts once however often it is pressed.
  const clientOptions = { slackApiUrl: options.slackApiUrl, timeout: 2_000, rejectRateLimitedCalls: true, retryConfig: { retries: 0 }, allowAbsoluteUrls: false, logger };
  const client = new webApi.WebClient(options.botToken, clientOptions);
  const app = new App({ receiver: receiver as Receiver, authorize: async () => ({ botToken: options.botToken }), clientOptions, logger, ignoreSelf: false, convoStore: false });
  app.error(async (error) => {
    throw error;
  });
  if (!options.socketMode) app.use(createGate(options.nonces ?? memoryNonces(now), now));
  const deps: HandlerDeps = {
    client, log, budgetMs, decide: options.decide, stateOf: options.stateOf, identify: createIdentify(directory, client, now),
    linkTo: (approval) => (consoleUrl ? `${consoleUrl.replace(/\/$/, '')}/approvals/${approval}` : null),
  };
  register(app, deps);
  if (options.jit) registerJit(app, deps, options.jit);

  let started = false;
  return {
    async start() {
      started = true;
      if (options.socketMode) {
        await app.start();
        return { url: null };
      }
      const host = options.host ?? '127.0.0.1';
      const server = (await (receiver as HTTPReceiver).start({ port: options.port, host })) as Server;
      return { url: `http://${host}:${(server.address() as AddressInfo).port}/slack/events` };
    },
    stop: async () => {
      if (started) await app.stop();
      started = false;
    },
  };
}

function httpReceiver(options: SlackAppOptions, logger: Logger): HTTPReceiver {
  return new HTTPReceiver({
    signingSecret: options.signingSecret, endpoints: '/slack/events', logger, bodyLimit: '256kb', customPropertiesExtractor: stampOf,
    customRoutes: [{ path: '/healthz', method: 'GET', handler: (_request, response) => void response.writeHead(200).end('ok') }],
    processEventErrorHandler: async ({ error, response }) => {
      const status = isForged(error) ? 401 : 503;
      if (status === 401) options.log.warn({ why: error.message }, 'a Slack request was refused');
      if (!response.headersSent) response.writeHead(status).end();
      return true;
    },
    dispatchErrorHandler: ({ response }) => void response.writeHead(404).end(),
  });
}

/** The socket goes to the same Slack as every other call; a click that was not recorded is not acknowledged, as over HTTP. */
function socketReceiver({ slackApiUrl, log }: SlackAppOptions, appToken: string, logger: Logger): SocketModeReceiver {
  return new SocketModeReceiver({
    appToken, logger, installerOptions: { clientOptions: { slackApiUrl, allowAbsoluteUrls: false } },
    processEventErrorHandler: async ({ error }) => {
      log.warn({ why: error.name }, 'a click over the socket was not acknowledged');
      return false;
    },
  });
}

function isForged(error: unknown): boolean {
  const inner = (error as { original?: unknown; originals?: unknown[] }).original ?? (error as { originals?: unknown[] }).originals?.[0];
  return error instanceof NotAuthentic || inner instanceof NotAuthentic;
}

/** Bolt's warnings, without the requests it would quote at debug level. */
function quietly(log: SlackLog): Logger {
  const text = (parts: unknown[]): string => parts.map((part) => (part instanceof Error ? part.name : String(part))).join(' ').slice(0, 300);
  return {
    debug: () => undefined, info: () => undefined, setLevel: () => undefined, setName: () => undefined, getLevel: () => LogLevel.INFO,
    warn: (...parts: unknown[]) => log.warn({ bolt: text(parts) }, 'Slack app'), error: (...parts: unknown[]) => log.error({ bolt: text(parts) }, 'Slack app'),
  };
}
